package io.parallaxfleet.bench;

import java.util.Arrays;

/** Latencies of one contender in one mode, in nanoseconds. */
record LatencySummary(int runs, long medianNanos, long p90Nanos, long minNanos) {
    /** @throws IllegalArgumentException without a sample */
    static LatencySummary of(long[] latencyNanos) {
        if (latencyNanos.length == 0) {
            throw new IllegalArgumentException("a summary needs at least one run");
        }
        long[] sorted = latencyNanos.clone();
        Arrays.sort(sorted);
        return new LatencySummary(sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.9), sorted[0]);
    }

    /** The smallest sample that at least the given share of samples does not exceed. */
    private static long quantile(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
