package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.rollout.staged.Stage;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.util.Objects;

/**
 * What an event says of how a class stands, taken before the state moves on. Immutable.
 *
 * @param epoch that the rollout's members run
 * @param membersPerMille share of the class that {@code after} is for
 * @param devices that stages were planned with; null without stages
 * @param before what devices outside of the rollout run
 * @param after what its members run
 */
record Standing(ClassKey key, String rolloutId, long epoch, RolloutStage stage, int membersPerMille, Integer devices,
        DelegationRule before, DelegationRule after) {
    Standing {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(rolloutId, "rolloutId");
        Objects.requireNonNull(stage, "stage");
    }

    static Standing of(ClassKey key, RolloutState state) {
        if (state.trial != null) {
            Stage stage = state.trial.position.stage();
            return new Standing(key, state.rolloutId, state.trial.inShadow() ? state.inForce.epoch() : state.trial.epoch,
                    named(stage), stage.membersPerMille(), state.trial.position.devices(), state.inForce.rule(), state.trial.rule);
        }
        String rolloutId = state.rolloutId == null ? wholeClassId(key, state.inForce.epoch()) : state.rolloutId;
        return new Standing(key, rolloutId, state.inForce.epoch(), RolloutStage.FULL, RolloutMembership.BUCKETS, null,
                state.measuring() ? state.previous.rule() : state.inForce.rule(), state.inForce.rule());
    }

    /** The same for the same class and epoch, so that a job that repeats a step after a failure repeats its name. */
    static String wholeClassId(ClassKey key, long epoch) {
        return key.deviceClass() + "-epoch-" + epoch;
    }

    Standing at(long newEpoch, RolloutStage newStage, int newMembersPerMille) {
        return new Standing(key, rolloutId, newEpoch, newStage, newMembersPerMille, devices, before, after);
    }

    Standing rolledBack() {
        return at(epoch, RolloutStage.ROLLED_BACK, membersPerMille);
    }

    static RolloutStage named(Stage stage) {
        return switch (stage) {
            case SHADOW -> RolloutStage.SHADOW;
            case ONE_PERCENT, FIVE_PERCENT -> RolloutStage.CANARY;
            case QUARTER, ALL_BUT_HOLDOUT -> RolloutStage.PARTIAL;
        };
    }
}
