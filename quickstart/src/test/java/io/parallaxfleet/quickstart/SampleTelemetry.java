package io.parallaxfleet.quickstart;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** Telemetry that breaks no rule, for tests that break one. */
final class SampleTelemetry {
    private SampleTelemetry() {}

    /** An inference of one branch under a plan that nobody published; simulated if the class says so. */
    static InferenceTelemetry of(String deviceClass, String device, long sequence, Instant ended) {
        return InferenceTelemetry.newBuilder()
                .setDeviceId(device)
                .setDeviceClass(deviceClass)
                .setSimulated(deviceClass.startsWith("sim-"))
                .setSessionId("session")
                .setSequence(sequence)
                .setTimestamp(ended)
                .setModel("model")
                .setPlanId("plan")
                .setPolicyEpoch(0)
                .setLatencyNanos(5_000_000)
                .setArenaPeakBytes(1_000_000)
                .setBranchLatencyNanos(List.of(5_000_000L))
                .setBranchPlanned(ByteBuffer.wrap(new byte[] {1}))
                .setBranchActual(ByteBuffer.wrap(new byte[] {1}))
                .setBranchFallback(ByteBuffer.wrap(new byte[] {0}))
                .setBranchArenaPeakBytes(List.of(1_000_000L))
                .setBranchCoRunning(ByteBuffer.wrap(new byte[] {0}))
                .setExplored(false)
                .setExplorationProbability(1)
                .setWarmup(false)
                .setIdleGapNanos(1_000_000)
                .setThreads(2)
                .setThermalState(ThermalState.NOMINAL)
                .setFreeMemoryBytes(1L << 30)
                .setMemoryBudgetBytes(1L << 29)
                .setForeignCpuShare(0.1)
                .setExclusiveTurn(true)
                .setValidity(Validity.VALID)
                .setEnergySource("none")
                .setEnergySampleHertz(0)
                .build();
    }
}
