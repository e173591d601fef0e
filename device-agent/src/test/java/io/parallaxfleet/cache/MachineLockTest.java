package io.parallaxfleet.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class MachineLockTest {
    @TempDir
    Path directory;

    @Test
    void oneThreadAtATimeHoldsIt() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> MachineLock.whileHolding(directory.resolve("deep/lock"), () -> {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.yield();
                return inside.decrementAndGet();
            }));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, most.get());
    }

    @Test
    void itIsGivenBackWhenTheWorkThrows() {
        Path lock = directory.resolve("lock");
        assertThrows(IllegalStateException.class, () -> MachineLock.whileHolding(lock, () -> {
            throw new IllegalStateException("no");
        }));
        assertEquals("done", MachineLock.whileHolding(lock, () -> "done"));
    }

    @Test
    void aPlaceThatCannotHoldALockIsNamed() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        UncheckedIOException refusal =
                assertThrows(UncheckedIOException.class, () -> MachineLock.whileHolding(file.resolve("lock"), () -> 1));
        assertTrue(refusal.getMessage().contains(file.toString()));
    }
}
