package io.parallaxfleet.schedule;

/** When each task of a run started and ended and how many ran beside it. Filled by {@link DependencyExecutor}; reusable. */
public final class RunRecord {
    private final long[] startNanos;
    private final long[] endNanos;
    private final int[] coRunning;

    public RunRecord(int tasks) {
        startNanos = new long[tasks];
        endNanos = new long[tasks];
        coRunning = new int[tasks];
    }

    void began(int task) {
        coRunning[task] = 0;
    }

    void ranBeside(int task, int others) {
        coRunning[task] = Math.max(coRunning[task], others);
    }

    void ended(int task, long start, long end) {
        startNanos[task] = start;
        endNanos[task] = end;
    }

    /** Start of the task on the clock of {@link System#nanoTime()}. */
    public long startNanos(int task) {
        return startNanos[task];
    }

    /** End of the task on the same clock. */
    public long endNanos(int task) {
        return endNanos[task];
    }

    public long latencyNanos(int task) {
        return endNanos[task] - startNanos[task];
    }

    /** The most other tasks that ran at once with it. */
    public int coRunning(int task) {
        return coRunning[task];
    }
}
