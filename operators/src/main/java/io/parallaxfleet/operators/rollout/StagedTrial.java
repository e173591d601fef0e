package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.rollout.staged.Stage;
import io.parallaxfleet.operators.rollout.staged.StagedRollout;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.Objects;

/** A staged rollout of one class under way. Only {@link StagedPath} changes it. Not thread-safe. */
final class StagedTrial {
    final DelegationRule rule;
    StagedRollout.Position position;
    /** Of the stage; 0 in shadow, where nothing is published. */
    long epoch;
    /** Prediction of the last fit that scored the rule. */
    double beforeNanos;
    double afterNanos;
    CostModelEstimate estimate;
    /** The last look that was judged, so that none counts twice. */
    long judgedLookMillis = Long.MIN_VALUE;

    StagedTrial(DelegationRule rule, StagedRollout.Position position) {
        this.rule = Objects.requireNonNull(rule, "rule");
        this.position = Objects.requireNonNull(position, "position");
    }

    boolean inShadow() {
        return position.stage() == Stage.SHADOW;
    }
}
