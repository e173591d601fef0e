package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.Locale;

/** Words the records that a rollout publishes. Thread-safe. */
final class RolloutMessages {
    /** All devices of the class. */
    private static final int EVERY_DEVICE_PER_MILLE = 1000;

    private final String issuer;

    RolloutMessages(String issuer) {
        this.issuer = issuer;
    }

    /** The same for the same class and epoch, so that a job that repeats a step after a failure repeats its name. */
    String rolloutId(ClassKey key, long epoch) {
        return key.deviceClass() + "-epoch-" + epoch;
    }

    /** The update that puts {@code state.inForce} in the place of {@code state.previous}. */
    ThresholdUpdate proposal(ClassKey key, RolloutState state, SearchResult.Propose proposal, CostModelEstimate estimate,
            Instant now) {
        String reason = String.format(Locale.ROOT, "%s instead of %s: predicted %.3f ms -> %.3f ms an inference in %d candidate "
                + "regions (%d -> %d delegated), fitted on %d CPU and %d accelerator runs", proposal.rule().describe(),
                state.previous.rule().describe(), proposal.beforeNanos() * 1e-6, proposal.afterNanos() * 1e-6, proposal.regions(),
                proposal.delegatedBefore(), proposal.delegatedAfter(), estimate.getCpuSamples(), estimate.getAcceleratorSamples());
        return update(key, state.inForce, state.previous.epoch(), state.rolloutId, RolloutStage.FULL, reason, now)
                .setCostModel(estimate)
                .setPredictedBeforeNanos(proposal.beforeNanos())
                .setPredictedAfterNanos(proposal.afterNanos())
                .build();
    }

    /** The update that takes {@code state.inForce} back. */
    ThresholdUpdate rollback(ClassKey key, RolloutState state, Policy restored, String evidence, Instant now) {
        return update(key, restored, state.inForce.epoch(), state.rolloutId, RolloutStage.ROLLED_BACK,
                "rolled back: " + evidence, now).build();
    }

    private ThresholdUpdate.Builder update(ClassKey key, Policy policy, long previousEpoch, String rolloutId, RolloutStage stage,
            String reason, Instant now) {
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
                .setObjective(Objective.LATENCY)
                .setRolloutId(rolloutId)
                .setStage(stage)
                .setMembershipPerMille(EVERY_DEVICE_PER_MILLE)
                .setKillSwitch(false)
                .setIssuedAt(now)
                .setIssuedBy(issuer)
                .setReason(reason);
    }

    /** @param evidence null where nothing was measured */
    Emission.Event event(ClassKey key, RolloutState state, RolloutDecision decision, String reason,
            RolloutVerdict.Evidence evidence, Instant now) {
        RolloutEvent.Builder event = RolloutEvent.newBuilder()
                .setDeviceClass(key.deviceClass())
                .setSimulated(key.simulated())
                .setRolloutId(state.rolloutId == null ? rolloutId(key, state.inForce.epoch()) : state.rolloutId)
                .setEpoch(state.inForce.epoch())
                .setStage(decision == RolloutDecision.ROLLBACK ? RolloutStage.ROLLED_BACK : RolloutStage.FULL)
                .setDecision(decision)
                .setReason(reason)
                .setDevicesAcknowledged(state.applied.size())
                .setActor(issuer)
                .setTimestamp(now);
        if (evidence != null) {
            event.setBeforeP50Nanos(evidence.beforeP50Nanos())
                    .setBeforeSamples(evidence.beforeSamples())
                    .setAfterP50Nanos(evidence.afterP50Nanos())
                    .setAfterSamples(evidence.afterSamples());
        }
        return new Emission.Event(event.build());
    }
}
