package io.parallaxfleet.engine;

import io.parallaxfleet.cores.ThreadAffinity;
import io.parallaxfleet.schedule.DependencyExecutor;
import io.parallaxfleet.schedule.RunRecord;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.TaskGraph;
import io.parallaxfleet.schedule.TaskRunner;
import java.util.List;
import java.util.Optional;

/**
 * The threads that run a model's CPU part: the caller's, the helpers of an executor, and the pools of wide sessions; each on a
 * core of its own where they are bound. One run at a time.
 */
final class CpuThreads implements AutoCloseable {
    private final int count;
    private final Scheduling scheduling;
    private final Optional<CoreAssignment> cores;
    private final DependencyExecutor executor;
    /** Where the caller of the run in progress could run before it. */
    private final long[] coresBefore = ThreadAffinity.newMask();

    /** @param cores a core for each thread; empty: threads run where the kernel puts them */
    CpuThreads(int count, Scheduling scheduling, Optional<CoreAssignment> cores) {
        this.count = count;
        this.scheduling = scheduling;
        this.cores = cores;
        this.executor = new DependencyExecutor(count, scheduling, helper -> cores.ifPresent(assigned -> assigned.bindHelper(helper)));
    }

    /** As many threads on the same cores, for a plan that runs inside a step of all threads, while these are parked. */
    CpuThreads inside() {
        return new CpuThreads(count, scheduling, cores);
    }

    /** Cores for the pool threads of a session of this many threads; empty: anywhere. */
    List<Integer> poolCores(int sessionThreads) {
        return cores.map(assigned -> assigned.poolCores(sessionThreads)).orElse(List.of());
    }

    /** Runs the tasks; the calling thread is on the first core while they last and has its own cores back afterwards. */
    void run(TaskGraph tasks, long budgetBytes, TaskRunner runner, RunRecord record) {
        if (cores.isEmpty()) {
            executor.run(tasks, count, budgetBytes, runner, record);
            return;
        }
        cores.get().bindCaller(coresBefore);
        try {
            executor.run(tasks, count, budgetBytes, runner, record);
        } finally {
            cores.get().release(coresBefore);
        }
    }

    @Override
    public void close() {
        executor.close();
    }
}
