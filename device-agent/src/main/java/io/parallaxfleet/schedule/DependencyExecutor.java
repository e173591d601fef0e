package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs tasks as soon as what they depend on has ended, on the calling thread and a few helpers (Parallax, Section 3.4, without
 * its layer barrier unless asked).
 *
 * <p>A task starts when its predecessors ended, its {@linkplain Task.Resource resource} is free (the tasks that run at once never hold
 * more threads than the run has) and the bytes of the running tasks plus its own stay within the budget. With nothing running any task may start, so a budget too small for two runs them one
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
    private static final int CALLER = 0;

    /**
     * Guards what follows and every {@link RunState}; notified when a run began or ended, a task may start or the executor closed.
     * A monitor and no {@code java.util.concurrent} lock: those allocate a node for every thread that waits, in every run.
     */
    private final Object monitor = new Object();
    private final List<Thread> helpers = new ArrayList<>();
    private final Scheduling scheduling;
    private final ThreadPlacing placing;
    /** Counts the changes that the monitor tells of; written under it, read by spinning threads without it. */
    private volatile int version;
    private int parked;
    private int spinning;
    /** The run in progress; null between runs. */
    private RunState current;
    /** State of the last run, for the next one of the same graph. */
    private RunState reusable;
    private Thread caller;
    /** Whether the caller was interrupted while it waited: a run goes on to its end, and the caller learns of it then. */
    private boolean callerInterrupted;
    private boolean closed;

    /**
     * @param cpuThreads CPU tasks that may run at once; one more helper is kept for the accelerator
     */
    public DependencyExecutor(int cpuThreads, Scheduling scheduling) {
        this(cpuThreads, scheduling, ThreadPlacing.ANYWHERE);
    }

    /** @param placing told where the threads work */
    public DependencyExecutor(int cpuThreads, Scheduling scheduling, ThreadPlacing placing) {
        if (cpuThreads < 1) {
            throw new IllegalArgumentException("cpuThreads is " + cpuThreads + "; at least 1 is needed");
        }
        this.scheduling = scheduling;
        this.placing = placing;
        for (int i = 0; i < cpuThreads; i++) {
            int worker = i + 1;
            Thread helper = new Thread(() -> {
                placing.helperStarted(worker);
                help(worker);
            }, "parallax-branch-" + i);
            helper.setDaemon(true);
            helpers.add(helper);
            helper.start();
        }
    }

    /**
     * Runs every task and returns when all have ended.
     *
     * @param threads CPU threads that the tasks which run at once may hold together
     * @param budgetBytes M_budget
     * @param record filled with each task's times
     * @throws TaskFailedException when a task throws; no further task starts then
     */
    public void run(TaskGraph tasks, int threads, long budgetBytes, TaskRunner runner, RunRecord record) {
        RunState run = begin(tasks, threads, budgetBytes, runner, record);
        try {
            for (int task = await(run, CALLER); task >= 0; task = await(run, CALLER)) {
                runOne(run, task, CALLER);
            }
        } finally {
            end();
        }
        if (run.failure() != null) {
            throw new TaskFailedException(run.failedTask(), run.failure());
        }
    }

    private RunState begin(TaskGraph tasks, int threads, long budgetBytes, TaskRunner runner, RunRecord record) {
        synchronized (monitor) {
            if (closed) {
                throw new IllegalStateException("the executor is closed");
            }
            if (current != null) {
                throw new IllegalStateException("another run is in progress");
            }
            RunState run = reusable != null && reusable.graph() == tasks ? reusable : new RunState(tasks, scheduling);
            run.begin(threads, budgetBytes, runner, record);
            reusable = run;
            current = run;
            caller = Thread.currentThread();
            return run;
        }
    }

    private void end() {
        boolean interrupted;
        synchronized (monitor) {
            current = null;
            caller = null;
            interrupted = callerInterrupted;
            callerInterrupted = false;
            // A helper that still spins for this run parks now.
            version++;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void help(int worker) {
        for (RunState run = awaitRun(); run != null; run = awaitRun()) {
            int task = await(run, worker);
            if (task >= 0) {
                runOne(run, task, worker);
            }
        }
    }

    /** The run in progress, as soon as there is one with anything left to do; null when the executor is closed. */
    private RunState awaitRun() {
        synchronized (monitor) {
            while ((current == null || current.ended()) && !closed) {
                park();
            }
            return closed ? null : current;
        }
    }

    /** Begins the next task of the run as soon as one may start; -1 when the run has ended. */
    private int await(RunState run, int worker) {
        while (true) {
            int seen;
            synchronized (monitor) {
                if (current != run || run.ended()) {
                    return -1;
                }
                int task = run.claim(worker);
                if (task >= 0) {
                    if (spinning > 0) {
                        // Who spins takes what is left, or parks where the task has taken its core.
                        version++;
                    } else if (run.startable()) {
                        wakeOne();
                    }
                    return task;
                }
                if (!run.hasCoreToSpinOn(spinning)) {
                    park();
                    continue;
                }
                seen = version;
                spinning++;
            }
            spin(seen);
            synchronized (monitor) {
                spinning--;
                if (version == seen) {
                    park();
                }
            }
        }
    }

    private void spin(int seen) {
        long deadline = System.nanoTime() + SPIN_NANOS;
        while (version == seen && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
    }

    /** Waits for a change. Called with the monitor held. */
    private void park() {
        parked++;
        try {
            monitor.wait();
        } catch (InterruptedException e) {
            callerInterrupted |= Thread.currentThread() == caller;
        }
        parked--;
    }

    /**
     * Any thread that waits may take what can start, and wakes the next where more is left: waking all of them, one would find something.
     * Called with the monitor held.
     */
    private void wakeOne() {
        if (parked > 0) {
            monitor.notify();
        }
    }

    /** Called with the monitor held. */
    private void tellOthers() {
        version++;
        if (parked > 0) {
            monitor.notifyAll();
        }
    }

    /** Runs a task that has begun. */
    private void runOne(RunState run, int task, int worker) {
        Throwable failure = null;
        long start = System.nanoTime();
        try {
            placing.takes(worker, run.placeOf(task));
            run.runner().run(task);
        } catch (Throwable thrown) {
            // Errors of native code included: the caller of run() gets it, this thread lives on.
            failure = thrown;
        }
        long end = System.nanoTime();
        synchronized (monitor) {
            run.end(task, start, end, failure);
            // What may start now this thread takes itself, and tells others of what is left; only the end of the run it has to tell.
            if (run.ended() && Thread.currentThread() != caller) {
                tellOthers();
            }
        }
    }

    @Override
    public void close() {
        synchronized (monitor) {
            closed = true;
            version++;
            monitor.notifyAll();
        }
    }
}
