package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;

/**
 * What the ledgers of all devices are told: a look is due, or a class has new thresholds. One of the two; the other is null.
 *
 * @param lookMillis event time of the look
 */
public record LookCue(Long lookMillis, ThresholdUpdate update) {
    public static LookCue of(ThresholdUpdate update) {
        return new LookCue(null, update);
    }

    public static LookCue at(long lookMillis) {
        return new LookCue(lookMillis, null);
    }
}
