package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Records of one simulated class, as far as a count looks at them. */
final class FaultRecords {
    static final Instant THEN = Instant.ofEpochMilli(1_760_000_000_000L);
    private static final String DEVICE_CLASS = "sim-phone";
    private static final String MODEL = "model";

    private FaultRecords() {}

    static InferenceTelemetry telemetry(String device, long sequence) {
        return InferenceTelemetry.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(true)
                .setSessionId("session")
                .setSequence(sequence)
                .setTimestamp(THEN)
                .setModel(MODEL)
                .setPlanId("plan")
                .setPolicyEpoch(0)
                .setLatencyNanos(1_000)
                .setArenaPeakBytes(1)
                .setBranchLatencyNanos(List.of())
                .setBranchPlanned(ByteBuffer.allocate(0))
                .setBranchActual(ByteBuffer.allocate(0))
                .setBranchFallback(ByteBuffer.allocate(0))
                .setBranchArenaPeakBytes(List.of())
                .setBranchCoRunning(ByteBuffer.allocate(0))
                .setExplored(false)
                .setExplorationProbability(1)
                .setWarmup(false)
                .setIdleGapNanos(-1)
                .setThreads(1)
                .setThermalState(ThermalState.NOMINAL)
                .setFreeMemoryBytes(1)
                .setMemoryBudgetBytes(1)
                .setForeignCpuShare(0)
                .setExclusiveTurn(true)
                .setValidity(Validity.VALID)
                .setEnergySource("simulated")
                .setEnergySampleHertz(0)
                .build();
    }

    /** @param branch null for whole inferences */
    static ClassAggregate window(long startMillis, long count, long coldCount, String branch) {
        return ClassAggregate.newBuilder()
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(true)
                .setModel(MODEL)
                .setBranch(branch)
                .setPlacement(branch == null ? null : "CPU")
                .setPlanId(branch == null ? null : "plan")
                .setPolicyEpoch(0)
                .setExplored(false)
                .setWindowStart(THEN.plusMillis(startMillis))
                .setWindowEnd(THEN.plusMillis(startMillis + 5_000))
                .setCount(count)
                .setColdCount(coldCount)
                .setInvalidCount(0)
                .setFallbackCount(0)
                .setDevices(1)
                .setLatencyP50Nanos(1)
                .setLatencyP90Nanos(1)
                .setLatencyP99Nanos(1)
                .setLatencyMeanNanos(1)
                .setArenaPeakBytesMax(1)
                .setEnergySource("none")
                .build();
    }

    static ThresholdUpdate update(long epoch, int membershipPerMille) {
        return ThresholdUpdate.newBuilder()
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(true)
                .setEpoch(epoch)
                .setPreviousEpoch(epoch - 1)
                .setMode(DelegationMode.NEVER)
                .setMinOperators(3)
                .setMinMacs(1)
                .setMaxBytesPerMac(0.1)
                .setObjective(Objective.LATENCY)
                .setRolloutId("rollout-" + epoch)
                .setStage(membershipPerMille == 1000 ? RolloutStage.FULL : RolloutStage.CANARY)
                .setMembershipPerMille(membershipPerMille)
                .setKillSwitch(false)
                .setIssuedAt(THEN)
                .setIssuedBy("job")
                .setReason("fit")
                .build();
    }

    static ThresholdAck applied(String device, long epoch) {
        return ThresholdAck.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(DEVICE_CLASS)
                .setSimulated(true)
                .setEpoch(epoch)
                .setRolloutId("rollout-" + epoch)
                .setOutcome(AckOutcome.APPLIED)
                .setPlans(List.of())
                .setTimestamp(THEN)
                .build();
    }
}
