package io.parallaxfleet.engine;

import java.util.Map;

/**
 * What an {@link ExecutionTrial} found.
 *
 * @param winner position of the candidate to use
 * @param steady whether the winner's runs scatter so little that the answer can be believed for good
 * @param scoreNanos each candidate's score by its name
 */
record TrialResult(int winner, boolean steady, Map<String, Long> scoreNanos) {
    TrialResult {
        scoreNanos = Map.copyOf(scoreNanos);
    }
}
