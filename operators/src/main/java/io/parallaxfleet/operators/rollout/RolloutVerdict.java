package io.parallaxfleet.operators.rollout;

/** What the measurements say of thresholds that were rolled out. */
public sealed interface RolloutVerdict {
    record Promote(Evidence evidence) implements RolloutVerdict {}

    /** @param evidence null where too little was measured */
    record Hold(String why, Evidence evidence) implements RolloutVerdict {
        public Hold(String why) {
            this(why, null);
        }
    }

    record Rollback(Evidence evidence) implements RolloutVerdict {}

    /**
     * Latency before and after over one and the same mix of models.
     *
     * @param beforeP50Nanos geometric mean over models of the median under the old epoch, weighted by the models' shares of
     *     the old epoch's inferences
     * @param afterP50Nanos the same, with the same weights, under the new epoch
     * @param surelyAboveRatio lower bound of after / before: every model's 95 % interval of the median at its most favourable end
     */
    record Evidence(double beforeP50Nanos, double afterP50Nanos, long beforeSamples, long afterSamples, int models,
            double surelyAboveRatio) {
        /** after / before; below 1 is faster. */
        public double ratio() {
            return afterP50Nanos / beforeP50Nanos;
        }
    }
}
