package io.parallaxfleet.engine;

import io.parallaxfleet.schedule.DependencyExecutor;
import io.parallaxfleet.schedule.RunRecord;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.TaskGraph;
import io.parallaxfleet.schedule.TaskRunner;
import io.parallaxfleet.schedule.ThreadPlacing;
import java.util.List;
import java.util.Optional;

/**
 * The threads that run a model's CPU part: the caller's, the helpers of an executor, and the pools of sessions; each on a
 * core of its own where they are bound. One run at a time.
 */
final class CpuThreads implements AutoCloseable {
    private final int count;
    private final Scheduling scheduling;
    private final Optional<CoreAssignment> cores;
    private final Optional<BoundWorkers> workers;
    private final DependencyExecutor executor;

    /** @param cores a core for each thread; empty: threads run where the kernel puts them */
    CpuThreads(int count, Scheduling scheduling, Optional<CoreAssignment> cores) {
        this.count = count;
        this.scheduling = scheduling;
        this.cores = cores;
        this.workers = cores.map(assigned -> new BoundWorkers(assigned, count));
        this.executor = new DependencyExecutor(
                count, scheduling, workers.isPresent() ? workers.get() : ThreadPlacing.ANYWHERE);
    }

    /** As many threads on the same cores, for a plan that runs inside a step of all threads, while these are parked. */
    CpuThreads inside() {
        return new CpuThreads(count, scheduling, cores);
    }

    boolean bound() {
        return cores.isPresent();
    }

    /**
     * Cores for the pool threads of a session; empty: anywhere.
     *
     * @param first lowest of its threads
     */
    List<Integer> poolCores(int first, int sessionThreads) {
        return cores.map(assigned -> assigned.poolCores(first, sessionThreads)).orElse(List.of());
    }

    /**
     * Runs the tasks; where threads are bound the calling one is on their cores while the tasks last and has its own back afterwards.
     *
     * @param planThreads what the tasks that run at once may hold; of more than there are, all
     */
    void run(TaskGraph tasks, int planThreads, long budgetBytes, TaskRunner runner, RunRecord record) {
        int threads = Math.min(count, planThreads);
        if (workers.isEmpty()) {
            executor.run(tasks, threads, budgetBytes, runner, record);
            return;
        }
        workers.get().callerComes();
        try {
            executor.run(tasks, threads, budgetBytes, runner, record);
        } finally {
            workers.get().callerLeaves();
        }
    }

    @Override
    public void close() {
        executor.close();
    }
}
