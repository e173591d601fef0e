package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.time.Instant;
import java.util.Locale;

/** Words the threshold updates that a rollout publishes. Thread-safe. */
final class ThresholdUpdates {
    private final String issuer;
    private final Objective objective;

    ThresholdUpdates(String issuer, Objective objective) {
        this.issuer = issuer;
        this.objective = objective;
    }

    static String reason(SearchResult.Propose proposal, DelegationRule inForce, CostModelEstimate estimate) {
        return String.format(Locale.ROOT, "%s instead of %s: predicted %.3f ms -> %.3f ms an inference in %d candidate "
                + "regions (%d -> %d delegated), fitted on %d CPU and %d accelerator runs", proposal.rule().describe(),
                inForce.describe(), proposal.beforeNanos() * 1e-6, proposal.afterNanos() * 1e-6, proposal.regions(),
                proposal.delegatedBefore(), proposal.delegatedAfter(), estimate.getCpuSamples(), estimate.getAcceleratorSamples());
    }

    /** Puts {@code state.inForce} in the place of {@code state.previous} at once. */
    Emission.Thresholds proposal(ClassKey key, RolloutState state, SearchResult.Propose proposal, CostModelEstimate estimate,
            Instant now) {
        return new Emission.Thresholds(update(key, state.inForce, state.previous.epoch(), state.rolloutId, RolloutStage.FULL, now)
                .setReason(reason(proposal, state.previous.rule(), estimate))
                .setCostModel(estimate)
                .setPredictedBeforeNanos(proposal.beforeNanos())
                .setPredictedAfterNanos(proposal.afterNanos())
                .build());
    }

    /** Gives the trial's rule to a share of the class, or, at 1000 per mille, to all of it. */
    Emission.Thresholds stage(ClassKey key, RolloutState state, Policy policy, RolloutStage stage, int perMille, String reason,
            Instant now) {
        return new Emission.Thresholds(update(key, policy, state.inForce.epoch(), state.rolloutId, stage, now)
                .setMembershipPerMille(perMille)
                .setReason(reason)
                .setCostModel(state.trial.estimate)
                .setPredictedBeforeNanos(state.trial.beforeNanos)
                .setPredictedAfterNanos(state.trial.afterNanos)
                .build());
    }

    /** Brings back what was before the epoch {@code failed}. */
    Emission.Thresholds rollback(ClassKey key, Policy restored, long failed, String rolloutId, String why, Instant now) {
        return new Emission.Thresholds(
                update(key, restored, failed, rolloutId, RolloutStage.ROLLED_BACK, now).setReason("rolled back: " + why).build());
    }

    /** Puts a rule in force that a person asked for. */
    Emission.Thresholds byHand(ClassKey key, Policy policy, long previousEpoch, String rolloutId, String actor, String reason,
            Instant now) {
        return new Emission.Thresholds(update(key, policy, previousEpoch, rolloutId, RolloutStage.FULL, now)
                .setReason(actor + ": " + reason)
                .build());
    }

    private ThresholdUpdate.Builder update(ClassKey key, Policy policy, long previousEpoch, String rolloutId, RolloutStage stage,
            Instant now) {
        boolean never = policy.rule() instanceof DelegationRule.Never;
        // With NEVER the numbers are not read; the built-in ones are at least valid.
        DelegationRule.Thresholds thresholds = policy.rule() instanceof DelegationRule.Thresholds given
                ? given
                : (DelegationRule.Thresholds) DelegationRule.paper();
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(key.deviceClass())
                .setSimulated(key.simulated())
                .setEpoch(policy.epoch())
                .setPreviousEpoch(previousEpoch)
                .setMode(never ? DelegationMode.NEVER : DelegationMode.THRESHOLDS)
                .setMinOperators(thresholds.minOperators())
                .setMinMacs(thresholds.minMacs())
                .setMaxBytesPerMac(thresholds.maxBytesPerMac())
                .setObjective(objective)
                .setRolloutId(rolloutId)
                .setStage(stage)
                .setMembershipPerMille(RolloutMembership.BUCKETS)
                .setKillSwitch(false)
                .setIssuedAt(now)
                .setIssuedBy(issuer);
    }
}
