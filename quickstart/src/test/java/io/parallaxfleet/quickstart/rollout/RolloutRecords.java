package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;

/** Records of one class as a job and people would write them. */
public final class RolloutRecords {
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    public static final String CLASS = "sim-phone";

    private RolloutRecords() {}

    /** @param epoch also the minutes since the start, and the name of the rollout of a class of its own */
    public static RolloutEvent.Builder event(RolloutDecision decision, String rolloutId, long epoch, RolloutStage stage, int perMille) {
        return RolloutEvent.newBuilder()
                .setDeviceClass(CLASS)
                .setSimulated(true)
                .setRolloutId(rolloutId)
                .setEpoch(epoch)
                .setStage(stage)
                .setDecision(decision)
                .setReason(decision + " because")
                .setMembershipPerMille(perMille)
                .setActor("the-job")
                .setTimestamp(START.plusSeconds(60 * epoch));
    }

    public static ThresholdUpdate.Builder update(long epoch, String rolloutId, int perMille) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(CLASS)
                .setSimulated(true)
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(3)
                .setMinMacs(1_000 * epoch)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setRolloutId(rolloutId)
                .setStage(perMille == 1000 ? RolloutStage.FULL : RolloutStage.CANARY)
                .setMembershipPerMille(perMille)
                .setKillSwitch(false)
                .setIssuedAt(START)
                .setIssuedBy("the-job")
                .setReason("a test");
    }

    public static RolloutCommand.Builder command(String id, RolloutAction action) {
        return RolloutCommand.newBuilder()
                .setCommandId(id)
                .setAction(action)
                .setDeviceClass(CLASS)
                .setSimulated(true)
                .setActor("ada")
                .setReason("phones run hot")
                .setTimestamp(START);
    }
}
