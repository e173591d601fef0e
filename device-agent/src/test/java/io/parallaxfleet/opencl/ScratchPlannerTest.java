package io.parallaxfleet.opencl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScratchPlannerTest {
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5})
    @DisplayName("storages in use at the same launch never overlap, and the buffer is never larger than all of them")
    void neverOverlaps(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Storage> storages = new ArrayList<>();
        long all = 0;
        for (int i = 0; i < 60; i++) {
            Storage storage = new Storage(1 + random.nextInt(5000), Storage.Kind.SCRATCH, 0);
            int first = random.nextInt(40);
            storage.touch(first);
            storage.touch(first + random.nextInt(8));
            storages.add(storage);
            all += storage.elements() + ScratchPlanner.ALIGNMENT_FLOATS;
        }
        long floats = ScratchPlanner.plan(storages);
        long busiest = 0;
        for (int launch = 0; launch < 50; launch++) {
            long live = 0;
            for (Storage one : storages) {
                live += isLive(one, launch) ? one.elements() : 0;
                assertTrue(one.offset() + one.elements() <= floats, "inside the buffer");
                for (Storage other : storages) {
                    if (one != other && isLive(one, launch) && isLive(other, launch)) {
                        assertTrue(one.offset() + one.elements() <= other.offset()
                                || other.offset() + other.elements() <= one.offset(), "apart");
                    }
                }
            }
            busiest = Math.max(busiest, live);
        }
        assertTrue(floats >= busiest && floats <= all, floats + " floats for " + busiest + " at the busiest launch");
        assertTrue(floats <= 2 * busiest, "reuse: " + floats + " floats for " + busiest + " at the busiest launch");
    }

    private static boolean isLive(Storage storage, int launch) {
        return storage.firstLaunch() <= launch && launch <= storage.lastLaunch();
    }
}
