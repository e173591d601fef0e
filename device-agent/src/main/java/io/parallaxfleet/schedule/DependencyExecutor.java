package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs tasks as soon as what they depend on has ended, on the calling thread and a few parked helpers (Parallax, Section 3.4,
 * without its layer barrier unless asked).
 *
 * <p>A task starts when its predecessors ended, its {@linkplain Task.Resource resource} is free and the bytes of the running
 * tasks plus its own stay within the budget. With nothing running any task may start, so a budget too small for two runs them one
 * after another and never stalls. The helpers' count bounds how many tasks run at once; a chain of tasks stays on the calling
 * thread and wakes nobody.
 *
 * <p>One run at a time. Closing ends the helpers.
 */
public final class DependencyExecutor implements AutoCloseable {
    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled when a task ended, a run began or the executor closed. */
    private final Condition changed = lock.newCondition();
    private final List<Thread> helpers = new ArrayList<>();
    private final boolean layerBarrier;
    /** The run in progress; null between runs. Guarded by {@link #lock}. */
    private Run current;
    private boolean closed;

    /**
     * @param cpuThreads CPU tasks that may run at once; one more helper is kept for the accelerator
     * @param layerBarrier whether a layer waits until the layers before it have ended
     */
    public DependencyExecutor(int cpuThreads, boolean layerBarrier) {
        if (cpuThreads < 1) {
            throw new IllegalArgumentException("cpuThreads is " + cpuThreads + "; at least 1 is needed");
        }
        this.layerBarrier = layerBarrier;
        for (int i = 0; i < cpuThreads; i++) {
            Thread helper = new Thread(this::help, "parallax-branch-" + i);
            helper.setDaemon(true);
            helpers.add(helper);
            helper.start();
        }
    }

    /**
     * Runs every task and returns when all have ended.
     *
     * @param maxCpuTasks CPU tasks that may run at once
     * @param budgetBytes M_budget
     * @param record filled with each task's times
     * @throws TaskFailedException when a task throws; no further task starts then
     */
    public void run(List<Task> tasks, int maxCpuTasks, long budgetBytes, TaskRunner runner, RunRecord record) {
        Run run = new Run(tasks, maxCpuTasks, budgetBytes, runner, record, layerBarrier);
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the executor is closed");
            }
            if (current != null) {
                throw new IllegalStateException("another run is in progress");
            }
            current = run;
            while (!run.ended()) {
                if (!runOne(run)) {
                    changed.awaitUninterruptibly();
                }
            }
        } finally {
            current = null;
            lock.unlock();
        }
        if (run.failure != null) {
            throw new TaskFailedException(run.failedTask, run.failure);
        }
    }

    private void help() {
        lock.lock();
        try {
            while (!closed) {
                if (current == null || !runOne(current)) {
                    changed.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Starts and ends one task outside the lock; false when none may start now. Called with the lock held. */
    private boolean runOne(Run run) {
        int task = run.claim();
        if (task < 0) {
            return false;
        }
        if (run.startable()) {
            changed.signalAll();
        }
        Throwable failure = null;
        lock.unlock();
        long start = System.nanoTime();
        long end;
        try {
            run.runner.run(task);
        } catch (Throwable thrown) {
            // Errors of native code included: the caller of run() gets it, this thread lives on.
            failure = thrown;
        } finally {
            end = System.nanoTime();
            lock.lock();
        }
        run.end(task, start, end, failure);
        if (run.othersInvolved() || run.ended()) {
            changed.signalAll();
        }
        return true;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** State of one run; every method is called with the lock held. */
    private static final class Run {
        private final List<Task> tasks;
        private final int maxCpuTasks;
        private final long budgetBytes;
        private final TaskRunner runner;
        private final RunRecord record;
        private final boolean layerBarrier;
        private final boolean[] begun;
        private final boolean[] done;
        private final boolean[] runningTask;
        private int remaining;
        private int running;
        private int runningCpu;
        private boolean allCoresTaken;
        private boolean acceleratorTaken;
        private long runningBytes;
        private int failedTask = -1;
        private Throwable failure;

        Run(List<Task> tasks, int maxCpuTasks, long budgetBytes, TaskRunner runner, RunRecord record, boolean layerBarrier) {
            this.tasks = tasks;
            this.maxCpuTasks = maxCpuTasks;
            this.budgetBytes = budgetBytes;
            this.runner = runner;
            this.record = record;
            this.layerBarrier = layerBarrier;
            this.begun = new boolean[tasks.size()];
            this.done = new boolean[tasks.size()];
            this.runningTask = new boolean[tasks.size()];
            this.remaining = tasks.size();
        }

        boolean ended() {
            return running == 0 && (remaining == 0 || failure != null);
        }

        boolean startable() {
            return next() >= 0;
        }

        boolean othersInvolved() {
            return running > 0 || startable();
        }

        int claim() {
            int task = next();
            if (task < 0) {
                return -1;
            }
            begun[task] = true;
            runningTask[task] = true;
            running++;
            switch (tasks.get(task).resource()) {
                case ONE_CORE -> runningCpu++;
                case ALL_CORES -> {
                    runningCpu++;
                    allCoresTaken = true;
                }
                case ACCELERATOR -> acceleratorTaken = true;
            }
            runningBytes += tasks.get(task).bytes();
            record.began(task);
            for (int other = 0; other < runningTask.length; other++) {
                if (runningTask[other]) {
                    record.ranBeside(other, running - 1);
                }
            }
            return task;
        }

        void end(int task, long startNanos, long endNanos, Throwable thrown) {
            record.ended(task, startNanos, endNanos);
            done[task] = true;
            runningTask[task] = false;
            running--;
            remaining--;
            switch (tasks.get(task).resource()) {
                case ONE_CORE -> runningCpu--;
                case ALL_CORES -> {
                    runningCpu--;
                    allCoresTaken = false;
                }
                case ACCELERATOR -> acceleratorTaken = false;
            }
            runningBytes -= tasks.get(task).bytes();
            if (thrown != null && failure == null) {
                failure = thrown;
                failedTask = task;
            }
        }

        /**
         * The first task that may start now, or -1. Accelerator tasks come first: their device works beside the CPU. Where the
         * budget does not hold all that could start, only the largest set that it holds may ({@link ConcurrentSet}).
         */
        private int next() {
            if (failure != null) {
                return -1;
            }
            int lowestOpenLayer = layerBarrier ? lowestOpenLayer() : Integer.MAX_VALUE;
            long left = budgetBytes - runningBytes;
            int candidate = -1;
            for (int task = 0; task < begun.length; task++) {
                if (!mayStart(task, lowestOpenLayer)) {
                    continue;
                }
                left -= tasks.get(task).bytes();
                if (left < 0) {
                    return nextOfTheLargestSet(lowestOpenLayer);
                }
                if (candidate < 0 || isOnAccelerator(task) && !isOnAccelerator(candidate)) {
                    candidate = task;
                }
            }
            return candidate;
        }

        private int nextOfTheLargestSet(int lowestOpenLayer) {
            List<Integer> able = new ArrayList<>();
            List<Long> bytes = new ArrayList<>();
            for (int task = 0; task < begun.length; task++) {
                if (mayStart(task, lowestOpenLayer)) {
                    able.add(task);
                    bytes.add(tasks.get(task).bytes());
                }
            }
            long left = budgetBytes - runningBytes;
            int candidate = -1;
            for (int position : running == 0 ? ConcurrentSet.choose(bytes, left) : ConcurrentSet.largestWithin(bytes, left)) {
                int task = able.get(position);
                if (candidate < 0 || isOnAccelerator(task) && !isOnAccelerator(candidate)) {
                    candidate = task;
                }
            }
            return candidate;
        }

        private boolean isOnAccelerator(int task) {
            return tasks.get(task).resource() == Task.Resource.ACCELERATOR;
        }

        /** Whether everything but the budget lets the task start. */
        private boolean mayStart(int task, int lowestOpenLayer) {
            return !begun[task] && tasks.get(task).layer() <= lowestOpenLayer && ready(task) && resourceFree(task);
        }

        private boolean ready(int task) {
            for (int predecessor : tasks.get(task).predecessors()) {
                if (!done[predecessor]) {
                    return false;
                }
            }
            return true;
        }

        private boolean resourceFree(int task) {
            return switch (tasks.get(task).resource()) {
                case ONE_CORE -> !allCoresTaken && runningCpu < maxCpuTasks;
                case ALL_CORES -> runningCpu == 0;
                case ACCELERATOR -> !acceleratorTaken;
            };
        }

        private int lowestOpenLayer() {
            int lowest = Integer.MAX_VALUE;
            for (int task = 0; task < done.length; task++) {
                if (!done[task]) {
                    lowest = Math.min(lowest, tasks.get(task).layer());
                }
            }
            return lowest;
        }
    }
}
