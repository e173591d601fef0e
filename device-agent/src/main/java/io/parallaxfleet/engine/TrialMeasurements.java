package io.parallaxfleet.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** What an {@link ExecutionTrial} measured of one candidate so far. Not thread-safe. */
final class TrialMeasurements {
    private final List<Long> pacedNanos = new ArrayList<>();
    private final List<Long> backToBackNanos = new ArrayList<>();
    private final List<Long> visitMicrojoules = new ArrayList<>();
    private boolean energyUnknown;

    void addPaced(long nanos) {
        pacedNanos.add(nanos);
    }

    void addBackToBack(long nanos) {
        backToBackNanos.add(nanos);
    }

    /** @param microjoules an inference of one visit, the gaps between inferences included; empty: the meter could not tell */
    void addEnergy(OptionalLong microjoules) {
        microjoules.ifPresentOrElse(visitMicrojoules::add, () -> energyUnknown = true);
    }

    /** Geometric mean of the median paced and the median back-to-back latency: devices do both. */
    double latencyNanos() {
        return Math.sqrt((double) quantile(pacedNanos, 0.5) * quantile(backToBackNanos, 0.5));
    }

    /** Median over the visits; empty where any of them could not be measured: "unavailable" must never pass for little. */
    OptionalDouble microjoules() {
        return energyUnknown || visitMicrojoules.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(quantile(visitMicrojoules, 0.5));
    }

    /** Interquartile range of the back-to-back latencies over their median. */
    double spread() {
        return (double) (quantile(backToBackNanos, 0.75) - quantile(backToBackNanos, 0.25)) / quantile(backToBackNanos, 0.5);
    }

    private static long quantile(List<Long> values, double q) {
        long[] sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, (int) (q * sorted.length))];
    }
}
