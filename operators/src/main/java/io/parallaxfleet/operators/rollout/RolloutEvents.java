package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.rollout.staged.StageVerdict;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.operators.rollout.whole.ControlledChange;
import io.parallaxfleet.operators.rollout.whole.EnergyEvidence;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.ModelControl;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import java.time.Instant;
import java.util.List;

/** Words the events of a rollout. Thread-safe. */
final class RolloutEvents {
    private final String issuer;
    private final Objective objective;

    RolloutEvents(String issuer, Objective objective) {
        this.issuer = issuer;
        this.objective = objective;
    }

    /**
     * What a whole class measured of its own.
     *
     * @param ownPast latencies before and after over all models; null where too little was measured
     * @param controlled models that changed against those that did not; null where there was no such control
     * @param energy the same of energy; null where latencies were not compared so
     */
    record Compared(RolloutVerdict.Evidence ownPast, ControlledChange controlled, EnergyEvidence energy) {
        static final Compared NOTHING = new Compared(null, null, null);
    }

    /** A decision without a measurement. */
    Emission.Event event(Standing standing, RolloutState state, RolloutDecision decision, String reason, Instant now) {
        return new Emission.Event(builder(standing, state, decision, reason, now).build());
    }

    /** A decision by latencies before and after. */
    Emission.Event compared(Standing standing, RolloutState state, RolloutDecision decision, String reason, Compared compared,
            Instant now) {
        RolloutEvent.Builder event = builder(standing, state, decision, reason, now);
        RolloutVerdict.Evidence evidence = compared.ownPast();
        if (evidence != null) {
            event.setBeforeP50Nanos(evidence.beforeP50Nanos())
                    .setBeforeSamples(evidence.beforeSamples())
                    .setAfterP50Nanos(evidence.afterP50Nanos())
                    .setAfterSamples(evidence.afterSamples());
        }
        if (compared.energy() instanceof EnergyEvidence.Measured energy) {
            event.setEnergySource(energy.source()).setEnergyControl(control(energy.change()));
        }
        return new Emission.Event(event.setModelControl(control(compared.controlled())).build());
    }

    private static ModelControl control(ControlledChange change) {
        return change == null ? null : ModelControl.newBuilder()
                .setChangedModels(change.changedModels())
                .setControlModels(change.controlModels())
                .setRawChange(change.rawChange())
                .setControlChange(change.controlChange())
                .setChange(change.change())
                .setHalfWidth(Double.isInfinite(change.halfWidth()) ? null : change.halfWidth())
                .setWindowsBefore(change.windowsBefore())
                .setWindowsAfter(change.windowsAfter())
                .build();
    }

    /** A decision by a look at members and control. */
    Emission.Event measured(Standing standing, RolloutState state, RolloutDecision decision, String reason,
            StageMeasurement measurement, Instant now) {
        return new Emission.Event(builder(standing, state, decision, reason, now).setMeasurement(measurement).build());
    }

    /** What was done, or not, with a person's command, in the person's name. */
    Emission.Event answer(Standing standing, RolloutState state, RolloutDecision decision, RolloutCommand command, String effect,
            Instant now) {
        return new Emission.Event(builder(standing, state, decision, command.getReason() + " (" + effect + ")", now)
                .setActor(command.getActor())
                .setCommandId(command.getCommandId())
                .build());
    }

    /** The class waits for something; said once for each kind of wait. */
    List<Emission> hold(Standing standing, RolloutState state, String kind, String why, StageMeasurement measurement, Instant now) {
        if (state.lastHold.equals(kind)) {
            return List.of();
        }
        state.lastHold = kind;
        return List.of(measured(standing, state, RolloutDecision.HOLD, why, measurement, now));
    }

    /** The same of a class that took its thresholds at once. */
    List<Emission> holdComparing(Standing standing, RolloutState state, String kind, String why, Compared compared,
            Instant now) {
        if (state.lastHold.equals(kind)) {
            return List.of();
        }
        state.lastHold = kind;
        return List.of(compared(standing, state, RolloutDecision.HOLD, why, compared, now));
    }

    /** What a look at a stage measured. */
    static StageMeasurement measurement(long members, long control, int neededMembers, StageVerdict verdict,
            double failureEvidence) {
        StageMeasurement.Builder measurement = StageMeasurement.newBuilder()
                .setMembers((int) members)
                .setControl((int) control)
                .setNeededMembers(neededMembers)
                .setFailureEvidence(failureEvidence);
        StageVerdict.Evidence evidence = verdict.evidence();
        if (evidence != null) {
            measurement.setMeanChange(evidence.mean().change())
                    .setMeanHalfWidth(evidence.meanHalfWidth())
                    .setTailChange(evidence.tail().change())
                    .setTailHalfWidth(evidence.tailHalfWidth());
        }
        if (verdict.guard() != null) {
            measurement.setGuardChange(verdict.guard().estimate().change()).setGuardHalfWidth(verdict.guard().halfWidth());
        }
        return measurement.build();
    }

    private RolloutEvent.Builder builder(Standing standing, RolloutState state, RolloutDecision decision, String reason, Instant now) {
        return RolloutEvent.newBuilder()
                .setDeviceClass(standing.key().deviceClass())
                .setSimulated(standing.key().simulated())
                .setRolloutId(standing.rolloutId())
                .setEpoch(standing.epoch())
                .setStage(standing.stage())
                .setDecision(decision)
                .setReason(reason)
                .setDevicesAcknowledged(state.applied.size())
                .setActor(issuer)
                .setObjective(objective)
                .setTimestamp(now)
                .setMembershipPerMille(standing.membersPerMille())
                .setDevices(standing.devices())
                .setPaused(state.paused)
                .setPinned(state.pinned)
                .setFrozen(state.frozen)
                .setThresholdsBefore(policy(standing.before()))
                .setThresholdsAfter(policy(standing.after()));
    }

    private static PlanPolicy policy(DelegationRule rule) {
        return rule instanceof DelegationRule.Thresholds thresholds
                ? new PlanPolicy(DelegationMode.THRESHOLDS, thresholds.minOperators(), thresholds.minMacs(), thresholds.maxBytesPerMac())
                : new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0);
    }
}
