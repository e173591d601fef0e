package io.parallaxfleet.streambench.latency;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long after their windows' ends results came, each when it came first. Thread-safe.
 *
 * <p>A window's end is event time, which here is the clock of this machine: the fleet sends each inference when it ended.
 */
final class Arrivals {
    private record Arrival(long windowEndMillis, long atMillis) {}

    private final Map<List<Object>, Arrival> first = new HashMap<>();

    /** @param result what tells it from all others, its window included */
    synchronized void came(List<Object> result, long windowEndMillis, long atMillis) {
        first.putIfAbsent(result, new Arrival(windowEndMillis, atMillis));
    }

    synchronized Spread spread() {
        return Spread.of(first.values().stream().mapToLong(arrival -> arrival.atMillis() - arrival.windowEndMillis()).toArray());
    }

    /**
     * Those of windows that end from a moment on; earlier ones are of a system that warms up.
     *
     * @param all is told of them too
     */
    synchronized Spread from(long windowEndMillis, Arrivals all) {
        Arrivals later = new Arrivals();
        first.forEach((result, arrival) -> {
            if (arrival.windowEndMillis() >= windowEndMillis) {
                later.came(result, arrival.windowEndMillis(), arrival.atMillis());
                all.came(result, arrival.windowEndMillis(), arrival.atMillis());
            }
        });
        return later.spread();
    }

    /** Order statistics in milliseconds; the p-th quantile is the smallest value that at least a share p does not exceed. */
    record Spread(int count, long p50, long p90, long p99, long max) {
        static Spread of(long[] millis) {
            long[] sorted = millis.clone();
            Arrays.sort(sorted);
            return sorted.length == 0 ? new Spread(0, 0, 0, 0, 0)
                    : new Spread(sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.9), quantile(sorted, 0.99), sorted[sorted.length - 1]);
        }

        /** All values less a constant, such as what windows wait by configuration. */
        Spread less(long millis) {
            return new Spread(count, p50 - millis, p90 - millis, p99 - millis, max - millis);
        }

        private static long quantile(long[] sorted, double share) {
            return sorted[(int) Math.ceil(share * sorted.length) - 1];
        }
    }
}
