package io.parallaxfleet.engine;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What an {@link ExecutionTrial} found.
 *
 * @param winner position of the candidate to use
 * @param steady whether the winner's runs scatter so little that the answer can be believed for good
 * @param basis what was compared
 * @param measured each candidate by its name
 */
record TrialResult(int winner, boolean steady, String basis, Map<String, Measured> measured) {
    /**
     * @param latencyNanos geometric mean of the median paced and the median back-to-back latency
     * @param microjoules of an inference; empty where the trial measured none
     */
    record Measured(long latencyNanos, OptionalLong microjoules) {}

    TrialResult {
        measured = Map.copyOf(measured);
    }
}
