package io.parallaxfleet.operators.search;

import java.util.List;

/** New thresholds worth publishing, or why the ones in force stay. */
public sealed interface SearchResult {
    /**
     * @param beforeNanos predicted time of an average inference's regions under the rule in force
     * @param afterNanos the same under the new rule
     * @param delegatedBefore regions that most inferences delegate under the rule in force
     * @param regions distinct regions of the class
     * @param models what it changes for each model, worst first
     */
    record Propose(DelegationRule rule, double beforeNanos, double afterNanos, int delegatedBefore, int delegatedAfter,
            int regions, List<ModelEffect> models) implements SearchResult {
        public Propose {
            models = List.copyOf(models);
        }
    }

    record Keep(String why) implements SearchResult {}
}
