package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.Replan;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.ThresholdDecision;
import java.time.Instant;
import java.util.List;

/** Builds acknowledgements of one device. */
public final class ThresholdAcks {
    private ThresholdAcks() {}

    /** The acknowledgement of an update that was put in force. */
    public static ThresholdAck applied(DeviceIdentity device, ThresholdUpdate update, String reason, List<Replan> plans, Instant now) {
        return ack(device, update, AckOutcome.APPLIED, reason, plans, now);
    }

    /** The acknowledgement of an update that could not be put in force although it was accepted. */
    public static ThresholdAck refused(DeviceIdentity device, ThresholdUpdate update, String reason, Instant now) {
        return ack(device, update, AckOutcome.REFUSED, reason, List.of(), now);
    }

    /** The acknowledgement of a decision not to apply. */
    public static ThresholdAck of(DeviceIdentity device, ThresholdUpdate update, ThresholdDecision decision, Instant now) {
        AckOutcome outcome;
        if (decision instanceof ThresholdDecision.Refuse) {
            outcome = AckOutcome.REFUSED;
        } else if (decision instanceof ThresholdDecision.NotMember) {
            outcome = AckOutcome.NOT_MEMBER;
        } else if (decision instanceof ThresholdDecision.Stale) {
            outcome = AckOutcome.STALE;
        } else {
            throw new IllegalArgumentException("an update to apply is acknowledged once it is applied");
        }
        return ack(device, update, outcome, decision.reason(), List.of(), now);
    }

    private static ThresholdAck ack(DeviceIdentity device, ThresholdUpdate update, AckOutcome outcome, String reason,
            List<Replan> plans, Instant now) {
        return ThresholdAck.newBuilder()
                .setDeviceId(device.deviceId())
                .setDeviceClass(device.deviceClass())
                .setSimulated(device.simulated())
                .setEpoch(update.getEpoch())
                .setRolloutId(update.getRolloutId())
                .setOutcome(outcome)
                .setReason(reason)
                .setPlans(plans)
                .setTimestamp(now)
                .build();
    }
}
