package io.parallaxfleet.bench;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Latencies and energy of one contender in one mode.
 *
 * @param microjoules mean energy of a run and the gap before it; empty: unavailable
 */
public record ModeSummary(int runs, long medianNanos, long p90Nanos, long minNanos, long maxNanos, OptionalLong microjoules) {
    /** @throws IllegalArgumentException without a sample */
    public static ModeSummary of(long[] latencyNanos, OptionalLong microjoules) {
        if (latencyNanos.length == 0) {
            throw new IllegalArgumentException("a summary needs at least one run");
        }
        long[] sorted = latencyNanos.clone();
        Arrays.sort(sorted);
        return new ModeSummary(sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.9), sorted[0],
                sorted[sorted.length - 1], microjoules);
    }

    /** The smallest sample that at least the given share of samples does not exceed. */
    private static long quantile(long[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
