package io.parallaxfleet.thresholds;

import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;

/** Updates for tests. */
public final class Updates {
    public static final DeviceIdentity DEVICE = new DeviceIdentity("device-1", "linux-x86_64-some-cpu", false);

    private Updates() {}

    /** A full rollout of valid thresholds to {@link #DEVICE}'s class; change what the test is about. */
    public static ThresholdUpdate.Builder update(long epoch) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(DEVICE.deviceClass())
                .setSimulated(DEVICE.simulated())
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setMode(DelegationMode.THRESHOLDS)
                .setMinOperators(2)
                .setMinMacs(5_000_000L)
                .setMaxBytesPerMac(0.5)
                .setObjective(Objective.LATENCY)
                .setRolloutId("rollout-" + epoch)
                .setStage(RolloutStage.FULL)
                .setMembershipPerMille(1000)
                .setKillSwitch(false)
                .setIssuedAt(Instant.EPOCH)
                .setIssuedBy("test")
                .setReason("test");
    }
}
