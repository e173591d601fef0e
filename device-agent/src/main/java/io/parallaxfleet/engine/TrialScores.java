package io.parallaxfleet.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Scores of a trial's candidates under an {@link Objective}; lower is better. Latency: nanoseconds. Energy: microjoules per
 * inference. Balanced: the square root of microjoules times nanoseconds. Where the energy of any candidate is unknown, and where
 * none keeps the latency bound, latency decides. Immutable.
 *
 * @param byCandidate infinite for a candidate that breaks the latency bound, back to back or after pauses
 * @param basis what was compared, for people: {@code latency}, {@code energy by rapl}, ...
 */
record TrialScores(List<Double> byCandidate, String basis) {
    static TrialScores of(Objective objective, List<TrialMeasurements> candidates, String energySource) {
        if (objective instanceof Objective.Latency) {
            return byLatency(candidates, "latency");
        }
        if (candidates.stream().anyMatch(candidate -> candidate.microjoules().isEmpty())) {
            return byLatency(candidates, "latency, energy being unavailable");
        }
        double fastest = candidates.stream().mapToDouble(TrialMeasurements::slowerNanos).min().orElseThrow();
        Optional<Duration> asked = objective instanceof Objective.Energy energy
                ? energy.latencyBound()
                : ((Objective.Balanced) objective).latencyBound();
        double boundNanos = asked.map(bound -> (double) bound.toNanos()).orElse(Objective.MAX_SLOWDOWN * fastest);
        if (fastest > boundNanos) {
            return byLatency(candidates, "latency, no candidate keeping the bound");
        }
        boolean balanced = objective instanceof Objective.Balanced;
        return new TrialScores(candidates.stream()
                .map(candidate -> candidate.slowerNanos() > boundNanos ? Double.POSITIVE_INFINITY : energy(candidate, balanced))
                .toList(), (balanced ? "energy times latency by " : "energy by ") + energySource);
    }

    private static double energy(TrialMeasurements candidate, boolean balanced) {
        double microjoules = candidate.microjoules().orElseThrow();
        return balanced ? Math.sqrt(microjoules * candidate.latencyNanos()) : microjoules;
    }

    private static TrialScores byLatency(List<TrialMeasurements> candidates, String basis) {
        return new TrialScores(candidates.stream().map(TrialMeasurements::latencyNanos).toList(), basis);
    }

    double best() {
        return byCandidate.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }
}
