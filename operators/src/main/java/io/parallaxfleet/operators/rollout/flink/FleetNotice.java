package io.parallaxfleet.operators.rollout.flink;

import io.parallaxfleet.operators.rollout.Freeze;
import io.parallaxfleet.schemas.avro.RolloutCommand;

/** What every class is told at once: the job freezes all, or a person asks all for something. One of the two; the other is null. */
public record FleetNotice(Freeze freeze, RolloutCommand command) {
    public static FleetNotice of(Freeze freeze) {
        return new FleetNotice(freeze, null);
    }

    public static FleetNotice of(RolloutCommand command) {
        return new FleetNotice(null, command);
    }
}
