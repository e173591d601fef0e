package io.parallaxfleet.engine;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What an {@link ExecutionTrial} found, and from what.
 *
 * @param finding what it came to
 * @param basis what was compared
 * @param measured each candidate that was measured in the quiet, by its name
 */
record TrialResult(TrialFinding finding, String basis, Map<String, Measured> measured) {
    /**
     * @param latencyNanos geometric mean of the median paced and the median back-to-back latency
     * @param microjoules of an inference; empty where the trial measured none
     */
    record Measured(long latencyNanos, OptionalLong microjoules) {}

    TrialResult {
        measured = Map.copyOf(measured);
    }

    /** Position of the candidate to use. */
    int winner() {
        return finding.winner();
    }
}
