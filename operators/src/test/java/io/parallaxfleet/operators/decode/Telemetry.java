package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;

/** A good record of two branches, CPU then accelerator, to be spoilt by the test. */
public final class Telemetry {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private Telemetry() {}

    public static InferenceTelemetry good() {
        return InferenceTelemetry.newBuilder()
                .setDeviceId("device-1")
                .setDeviceClass("board")
                .setSimulated(false)
                .setSessionId("session-1")
                .setSequence(5)
                .setTimestamp(NOW.minusSeconds(1))
                .setModel("model")
                .setPlanId("plan")
                .setPolicyEpoch(3)
                .setLatencyNanos(3_000_000)
                .setArenaPeakBytes(1500)
                .setOneSessionArenaBytes(1000L)
                .setEnergyMicrojoules(70L)
                .setBranchLatencyNanos(List.of(1_000_000L, 2_000_000L))
                .setBranchPlanned(bytes(1, 2))
                .setBranchActual(bytes(1, 2))
                .setBranchFallback(bytes(0, 0))
                .setBranchArenaPeakBytes(List.of(500L, 1000L))
                .setBranchEnergyMicrojoules(List.of(30L, 40L))
                .setBranchCoRunning(bytes(0, 0))
                .setExplored(false)
                .setExplorationProbability(1)
                .setWarmup(false)
                .setIdleGapNanos(-1)
                .setThreads(2)
                .setThermalState(ThermalState.UNKNOWN)
                .setFreeMemoryBytes(1L << 30)
                .setMemoryBudgetBytes(1L << 29)
                .setForeignCpuShare(-1)
                .setExclusiveTurn(true)
                .setValidity(Validity.VALID)
                .setEnergySource("cpu-time-model")
                .setEnergySampleHertz(0)
                .build();
    }

    public static ByteBuffer bytes(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }
}
