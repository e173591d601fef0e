package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;

/** What a rollout asks to be published. */
public sealed interface Emission {
    record Thresholds(ThresholdUpdate update) implements Emission {}

    record Event(RolloutEvent event) implements Emission {}
}
