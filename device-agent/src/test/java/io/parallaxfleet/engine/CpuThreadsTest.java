package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.parallaxfleet.cores.CoreSet;
import io.parallaxfleet.cores.CpuTopology;
import io.parallaxfleet.cores.ThreadAffinity;
import io.parallaxfleet.schedule.RunRecord;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.Task;
import io.parallaxfleet.schedule.TaskGraph;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CpuThreadsTest {
    @Test
    @DisplayName("bound threads work on the cores of their steps: side by side on one each, and beside the pool of a wide step")
    void boundToTheCoresOfTheStep() {
        Optional<CoreAssignment> assigned = CoreAssignment.forThreads(2);
        assumeTrue(assigned.isPresent(), "a machine of one core");
        ThreadAffinity affinity = ThreadAffinity.ofThisSystem().orElseThrow();
        CoreSet before = affinity.get();
        Task.Resource all = new Task.Resource.Threads(2, OptionalInt.of(0));
        TaskGraph graph = new TaskGraph(List.of(
                new Task(List.of(), 0, Task.Resource.threads(1), 0, 1),
                new Task(List.of(), 0, Task.Resource.threads(1), 0, 1),
                new Task(List.of(0, 1), 1, all, 0, 1)));
        AtomicReferenceArray<CoreSet> cores = new AtomicReferenceArray<>(3);
        CyclicBarrier both = new CyclicBarrier(2);
        try (CpuThreads threads = new CpuThreads(2, Scheduling.defaults(), assigned)) {
            CoreSet ofThePool = CoreSet.of(threads.poolCores(0, 2));
            for (int run = 0; run < 200; run++) {
                threads.run(graph, 2, Long.MAX_VALUE, task -> {
                    if (task < 2) {
                        both.await(30, TimeUnit.SECONDS);
                    }
                    cores.set(task, affinity.get());
                }, new RunRecord(3));
                // Whoever ended last runs the wide step, the caller or the helper.
                assertTrue(!cores.get(2).equals(ofThePool), "the caller of a wide step stands on its pool's core " + ofThePool);
                assertEquals(1, cores.get(2).toList().size());
                assertTrue(!cores.get(0).equals(cores.get(1)), "two steps side by side on " + cores.get(0));
                assertEquals(before, affinity.get());
            }
        }
    }

    @Test
    @DisplayName("steps side by side have pools on different cores, none of them a caller's")
    void poolsOfNeighboursAreApart() {
        int most = CoreAssignment.defaultThreads();
        Optional<CoreAssignment> assigned = CoreAssignment.forThreads(most);
        assumeTrue(assigned.isPresent(), "a machine of one core");
        List<Integer> wide = assigned.get().poolCores(0, most);
        assertEquals(most - 1, wide.size());
        for (int left = 1; left < most; left++) {
            assertEquals(wide.subList(0, left - 1), assigned.get().poolCores(0, left));
            assertEquals(wide.subList(left, most - 1), assigned.get().poolCores(left, most - left));
        }
    }

    @Test
    @DisplayName("unless told otherwise there is a thread for each performance core, six at most, and none beyond the quota")
    void defaultThreads() {
        assertEquals(6, CoreAssignment.defaultThreads(cores(8, 0), 8));
        assertEquals(4, CoreAssignment.defaultThreads(cores(4, 4), 8));
        assertEquals(2, CoreAssignment.defaultThreads(cores(4, 4), 2));
        assertEquals(1, CoreAssignment.defaultThreads(cores(1, 0), 1));
    }

    private static CpuTopology cores(int big, int little) {
        return new CpuTopology(IntStream.range(0, big + little)
                .mapToObj(core -> new CpuTopology.Core(core, core < big ? 1_024 : 325, core))
                .toList());
    }
}
