package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * Runs tasks as soon as what they depend on has ended, on the calling thread and a few helpers (Parallax, Section 3.4, without
 * its layer barrier unless asked).
 *
 * <p>A task starts when its predecessors ended, its {@linkplain Task.Resource resource} is free and the bytes of the running
 * tasks plus its own stay within the budget. With nothing running any task may start, so a budget too small for two runs them one
 * after another and never stalls. The helpers' count bounds how many tasks run at once; a chain of tasks stays on the calling
 * thread and wakes nobody.
 *
 * <p>A thread that waits for the next task of a run spins for a moment before it parks, but only on a core that the run leaves
 * free: waking a parked thread costs tens of microseconds, and a thread that spins beside a task of all cores takes one of them.
 * Between runs every helper is parked.
 *
 * <p>One run at a time. Closing ends the helpers.
 */
public final class DependencyExecutor implements AutoCloseable {
    /** Spinning longer than this costs more energy than a wake-up takes time. */
    private static final long SPIN_NANOS = 500_000;

    private final ReentrantLock lock = new ReentrantLock();
    /** Signalled when a task ended, a run began or the executor closed. */
    private final Condition changed = lock.newCondition();
    private final List<Thread> helpers = new ArrayList<>();
    private final Scheduling scheduling;
    /** Counts the changes that {@link #changed} tells of; written under {@link #lock}, read by spinning threads without it. */
    private volatile int version;
    /** Threads parked on {@link #changed}. Guarded by {@link #lock}. */
    private int parked;
    /** Threads that spin. Guarded by {@link #lock}. */
    private int spinning;
    /** The run in progress; null between runs. Guarded by {@link #lock}. */
    private RunState current;
    /** State of the last run, for the next one of the same graph. Guarded by {@link #lock}. */
    private RunState reusable;
    private boolean closed;

    /**
     * @param cpuThreads CPU tasks that may run at once; one more helper is kept for the accelerator
     */
    public DependencyExecutor(int cpuThreads, Scheduling scheduling) {
        this(cpuThreads, scheduling, helper -> {});
    }

    /** @param onHelperStart called first thing on each helper's thread, with its number from 0 */
    public DependencyExecutor(int cpuThreads, Scheduling scheduling, IntConsumer onHelperStart) {
        if (cpuThreads < 1) {
            throw new IllegalArgumentException("cpuThreads is " + cpuThreads + "; at least 1 is needed");
        }
        this.scheduling = scheduling;
        for (int i = 0; i < cpuThreads; i++) {
            int number = i;
            Thread helper = new Thread(() -> {
                onHelperStart.accept(number);
                help();
            }, "parallax-branch-" + i);
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
    public void run(TaskGraph tasks, int maxCpuTasks, long budgetBytes, TaskRunner runner, RunRecord record) {
        RunState run;
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the executor is closed");
            }
            if (current != null) {
                throw new IllegalStateException("another run is in progress");
            }
            run = reusable != null && reusable.graph() == tasks ? reusable : new RunState(tasks, scheduling);
            reusable = run;
            run.begin(maxCpuTasks, budgetBytes, runner, record);
            current = run;
            while (!run.ended()) {
                if (!runOne(run)) {
                    awaitChange();
                }
            }
        } finally {
            current = null;
            // A helper that still spins for this run parks now.
            version++;
            lock.unlock();
        }
        if (run.failure() != null) {
            throw new TaskFailedException(run.failedTask(), run.failure());
        }
    }

    private void help() {
        lock.lock();
        try {
            while (!closed) {
                if (current == null || !runOne(current)) {
                    awaitChange();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a change, spinning while a core of the run is free for it. Called with the lock held. */
    private void awaitChange() {
        if (current != null && current.hasCoreToSpinOn(spinning)) {
            int seen = version;
            long deadline = System.nanoTime() + SPIN_NANOS;
            spinning++;
            lock.unlock();
            while (version == seen && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            lock.lock();
            spinning--;
            if (version != seen) {
                return;
            }
        }
        parked++;
        changed.awaitUninterruptibly();
        parked--;
    }

    /** Called with the lock held. */
    private void tellOthers() {
        version++;
        if (parked > 0) {
            changed.signalAll();
        }
    }

    /** Starts and ends one task outside the lock; false when none may start now. Called with the lock held. */
    private boolean runOne(RunState run) {
        int task = run.claim();
        if (task < 0) {
            return false;
        }
        if (run.startable() || spinning > 0) {
            tellOthers();
        }
        Throwable failure = null;
        lock.unlock();
        long start = System.nanoTime();
        long end;
        try {
            run.runner().run(task);
        } catch (Throwable thrown) {
            // Errors of native code included: the caller of run() gets it, this thread lives on.
            failure = thrown;
        } finally {
            end = System.nanoTime();
            lock.lock();
        }
        run.end(task, start, end, failure);
        if (run.othersInvolved() || run.ended()) {
            tellOthers();
        }
        return true;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            version++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
