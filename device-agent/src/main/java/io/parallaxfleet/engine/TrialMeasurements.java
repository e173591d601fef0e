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

    void addAll(TrialMeasurements more) {
        pacedNanos.addAll(more.pacedNanos);
        backToBackNanos.addAll(more.backToBackNanos);
        visitMicrojoules.addAll(more.visitMicrojoules);
        energyUnknown |= more.energyUnknown;
    }

    boolean isEmpty() {
        return backToBackNanos.isEmpty();
    }

    /** Median latency of runs that followed a pause. */
    long pacedNanos() {
        return quantile(pacedNanos, 0.5);
    }

    /** Median latency of runs back to back. */
    long backToBackNanos() {
        return quantile(backToBackNanos, 0.5);
    }

    /** Geometric mean of the median paced and the median back-to-back latency: devices do both. */
    double latencyNanos() {
        return Math.sqrt((double) pacedNanos() * backToBackNanos());
    }

    /** The larger of the two medians: what a bound has to hold against. */
    long slowerNanos() {
        return Math.max(pacedNanos(), backToBackNanos());
    }

    /** Median over the visits; empty where any of them could not be measured: "unavailable" must never pass for little. */
    OptionalDouble microjoules() {
        return energyUnknown || visitMicrojoules.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(quantile(visitMicrojoules, 0.5));
    }

    /** Interquartile range of the back-to-back latencies over their median. */
    double spread() {
        return (double) (quantile(backToBackNanos, 0.75) - quantile(backToBackNanos, 0.25)) / backToBackNanos();
    }

    /** The largest value that at most the given share of the others is below; of two the lower, which a disturbed run is not. */
    private static long quantile(List<Long> values, double q) {
        long[] sorted = values.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted[(int) (q * (sorted.length - 1))];
    }
}
