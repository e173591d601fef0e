package io.parallaxfleet.cores;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ThreadAffinityTest {
    private static ThreadAffinity affinity;

    @BeforeAll
    static void open() {
        affinity = ThreadAffinity.ofThisSystem().orElseThrow();
    }

    private static CoreSet onAThreadOfItsOwn(Supplier<CoreSet> work) throws InterruptedException {
        AtomicReference<CoreSet> result = new AtomicReference<>();
        Thread thread = new Thread(() -> result.set(work.get()));
        thread.start();
        thread.join();
        return result.get();
    }

    @Test
    void aThreadIsBoundToTheCoresItAsksFor() throws InterruptedException {
        CoreSet last = CoreSet.of(List.of(affinity.get().toList().get(affinity.get().toList().size() - 1)));
        assertEquals(last, onAThreadOfItsOwn(() -> {
            assertTrue(affinity.set(last));
            return affinity.get();
        }));
    }

    @Test
    void bindingOneThreadLeavesTheOthersAlone() throws InterruptedException {
        CoreSet before = affinity.get();
        onAThreadOfItsOwn(() -> {
            affinity.set(CoreSet.of(before.toList().subList(0, 1)));
            return affinity.get();
        });
        assertEquals(before, affinity.get());
    }

    @Test
    void coresThatDoNotExistAreRefusedAndChangeNothing() {
        CoreSet before = affinity.get();
        assertFalse(affinity.set(CoreSet.of(List.of(1023))));
        assertEquals(before, affinity.get());
    }
}
