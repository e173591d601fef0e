package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.time.Instant;
import java.util.List;

/**
 * Takes in what the thresholds topic says: updates of people, and what this job published itself, of which it may know nothing more
 * after a restart. Stateless itself; thread-safe for distinct states.
 */
final class UpdateIntake {
    private final BeforeAfter judge;
    private final String issuer;
    private final ThresholdUpdates updates;
    private final RolloutEvents events;

    UpdateIntake(BeforeAfter judge, String issuer, ThresholdUpdates updates, RolloutEvents events) {
        this.judge = judge;
        this.issuer = issuer;
        this.updates = updates;
        this.events = events;
    }

    /** Whatever is not above the highest epoch known is old news. */
    List<Emission> onUpdate(RolloutState state, ClassKey key, ThresholdUpdate update, Instant now) {
        if (update.getEpoch() <= state.highestEpoch) {
            return List.of();
        }
        state.highestEpoch = update.getEpoch();
        Policy policy;
        try {
            policy = Policy.of(update);
        } catch (IllegalArgumentException e) {
            return hold(state, key, "UNUSABLE " + update.getEpoch(),
                    "epoch " + update.getEpoch() + " of " + update.getIssuedBy() + " is unusable: " + e.getMessage(), now);
        }
        if (ThresholdKeys.isCandidate(update)) {
            return onCandidate(state, key, update, now);
        }
        state.orphanEpoch = 0;
        if (ownProposalOf(state, update)) {
            state.begin(policy, update.getRolloutId(), now);
        } else {
            state.settle(policy);
            state.killed = update.getKillSwitch();
        }
        return List.of();
    }

    private List<Emission> onCandidate(RolloutState state, ClassKey key, ThresholdUpdate update, Instant now) {
        if (!update.getIssuedBy().equals(issuer)) {
            return hold(state, key, "FOREIGN " + update.getEpoch(), "epoch " + update.getEpoch() + " of " + update.getIssuedBy()
                    + " is for a share of the class; this job neither measures it nor takes it back", now);
        }
        if (state.trial != null && update.getRolloutId().equals(state.rolloutId)) {
            StagedPath.takeUp(state, update.getMembershipPerMille(), now);
        } else {
            state.orphanEpoch = update.getEpoch();
        }
        return List.of();
    }

    /** Nobody measures the trial any more that {@code state.orphanEpoch} names, so its members go back to what the others run. */
    List<Emission> takeBackOrphan(RolloutState state, ClassKey key, Instant now) {
        long orphan = state.orphanEpoch;
        Policy restored = new Policy(state.nextEpoch(), state.inForce.rule(), true);
        String why = "epoch " + orphan + " was left by a job whose state is gone, and nobody measures it";
        Emission update = updates.rollback(key, restored, orphan, Standing.wholeClassId(key, orphan), why, now);
        state.orphanEpoch = 0;
        state.settle(restored);
        return List.of(update, events.event(Standing.of(key, state).rolledBack(), state, RolloutDecision.ABORT, why, now));
    }

    private boolean ownProposalOf(RolloutState state, ThresholdUpdate update) {
        return state.trial == null
                && update.getIssuedBy().equals(issuer)
                && update.getPreviousEpoch() == state.inForce.epoch()
                && judge.knowsEnough(state.latenciesOf(state.inForce.epoch()));
    }

    private List<Emission> hold(RolloutState state, ClassKey key, String kind, String why, Instant now) {
        return events.hold(Standing.of(key, state), state, kind, why, null, now);
    }
}
