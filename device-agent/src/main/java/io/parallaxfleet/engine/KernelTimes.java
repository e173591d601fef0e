package io.parallaxfleet.engine;

import java.util.Arrays;

/** When each step of a run entered the native kernels and left them, on the clock of {@link System#nanoTime()}. Reused from run to run. */
final class KernelTimes {
    private long[] startNanos = {};
    private long[] endNanos = {};
    private long[] pauseNanos = {};

    /** Makes room for so many steps and forgets what was. */
    void reset(int steps) {
        if (startNanos.length != steps) {
            startNanos = new long[steps];
            endNanos = new long[steps];
            pauseNanos = new long[steps];
        }
        Arrays.fill(pauseNanos, 0);
    }

    /** @param pause time between start and end that was not spent in kernels */
    void set(int step, long start, long end, long pause) {
        startNanos[step] = start;
        endNanos[step] = end;
        pauseNanos[step] = pause;
    }

    /** What a step took in its kernels. */
    long nanos(int step) {
        return endNanos[step] - startNanos[step] - pauseNanos[step];
    }

    /** Time of an interval in which no step was in its kernels: what they did not take, and not what one waited for another. O(n²). */
    long outsideNanos(long from, long to) {
        long outside = 0;
        for (long pause : pauseNanos) {
            outside += pause;
        }
        long covered = from;
        while (covered < to) {
            long reaches = covered;
            long next = to;
            for (int step = 0; step < startNanos.length; step++) {
                if (startNanos[step] <= covered) {
                    reaches = Math.max(reaches, endNanos[step]);
                } else {
                    next = Math.min(next, startNanos[step]);
                }
            }
            outside += reaches > covered ? 0 : next - covered;
            covered = reaches > covered ? reaches : next;
        }
        return outside;
    }
}
