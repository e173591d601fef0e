package io.parallaxfleet.operators.decode;

import static io.parallaxfleet.operators.decode.Telemetry.NOW;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TelemetryRulesTest {
    @Test
    void aGoodRecordBreaksNoRule() {
        assertEquals(Optional.empty(), TelemetryRules.firstFault(Telemetry.good(), NOW));
    }

    @Test
    void aFailedInferenceWithoutBranchesIsGood() {
        InferenceTelemetry failed = Telemetry.good();
        failed.setBranchLatencyNanos(List.of());
        failed.setBranchPlanned(Telemetry.bytes());
        failed.setBranchActual(Telemetry.bytes());
        failed.setBranchFallback(Telemetry.bytes());
        failed.setBranchCoRunning(Telemetry.bytes());
        failed.setBranchArenaPeakBytes(List.of());
        failed.setBranchEnergyMicrojoules(null);

        assertEquals(Optional.empty(), TelemetryRules.firstFault(failed, NOW));
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("deviceId is empty", t -> t.setDeviceId(" ")),
                fault("simulated is false but deviceClass is 'sim-a'", t -> t.setDeviceClass("sim-a")),
                fault("simulated is true but deviceClass is 'board'", t -> t.setSimulated(true)),
                fault("more than 1 h ahead", t -> t.setTimestamp(NOW.plus(Duration.ofMinutes(61)))),
                fault("more than 7 days before", t -> t.setTimestamp(NOW.minus(Duration.ofDays(8)))),
                fault("branchPlanned has 1 entries", t -> t.setBranchPlanned(Telemetry.bytes(1))),
                fault("branchActual has 3 entries", t -> t.setBranchActual(Telemetry.bytes(1, 2, 1))),
                fault("branchFallback has 0 entries", t -> t.setBranchFallback(Telemetry.bytes())),
                fault("branchCoRunning has 1 entries", t -> t.setBranchCoRunning(Telemetry.bytes(0))),
                fault("branchArenaPeakBytes has 1 entries", t -> t.setBranchArenaPeakBytes(List.of(1L))),
                fault("branchEnergyMicrojoules has 1 entries", t -> t.setBranchEnergyMicrojoules(List.of(1L))),
                fault("branchPlanned[1] is 3", t -> t.setBranchPlanned(Telemetry.bytes(1, 3))),
                fault("branchFallback[0] is 9", t -> t.setBranchFallback(Telemetry.bytes(9, 0))),
                fault("sequence is -1", t -> t.setSequence(-1)),
                fault("latencyNanos is -5", t -> t.setLatencyNanos(-5)),
                fault("latencyNanos holds 9223372036854775807", t -> t.setLatencyNanos(Long.MAX_VALUE)),
                fault("energyMicrojoules holds 5000000000000", t -> t.setEnergyMicrojoules(5_000_000_000_000L)),
                fault("branchLatencyNanos holds 36000000000000", t -> t.setBranchLatencyNanos(List.of(1L, 36_000_000_000_000L))),
                fault("branchEnergyMicrojoules holds 4398046511104", t -> t.setBranchEnergyMicrojoules(List.of(1L << 42, 1L))),
                fault("oneSessionArenaBytes is -1", t -> t.setOneSessionArenaBytes(-1L)),
                fault("branchLatencyNanos[1] is -2", t -> t.setBranchLatencyNanos(List.of(1L, -2L))),
                fault("explorationProbability is NaN", t -> t.setExplorationProbability(Double.NaN)),
                fault("explorationProbability is 0.0", t -> t.setExplorationProbability(0)),
                fault("foreignCpuShare is 1.5", t -> t.setForeignCpuShare(1.5)),
                fault("foreignCpuShare is NaN", t -> t.setForeignCpuShare(Double.NaN)),
                fault("energySampleHertz is Infinity", t -> t.setEnergySampleHertz(Double.POSITIVE_INFINITY)),
                fault("bodyBranchRuns has 0 entries", t -> t.setBodyBranchLatencyNanos(List.of(1L))),
                fault("bodyBranchRuns[0] is -1", t -> {
                    t.setBodyBranchRuns(List.of(-1L));
                    t.setBodyBranchLatencyNanos(List.of(1L));
                }),
                fault("bodyBranchLatencyNanos holds 4398046511104", t -> {
                    t.setBodyBranchRuns(List.of(1L));
                    t.setBodyBranchLatencyNanos(List.of(1L << 42));
                }),
                fault("batteryPercent is 101", t -> t.setBatteryPercent(101)));
    }

    private static Arguments fault(String said, Consumer<InferenceTelemetry> spoil) {
        return Arguments.of(said, spoil);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void aFaultIsNamedWithItsFieldAndValue(String said, Consumer<InferenceTelemetry> spoil) {
        InferenceTelemetry telemetry = Telemetry.good();
        spoil.accept(telemetry);

        Optional<String> fault = TelemetryRules.firstFault(telemetry, NOW);

        assertTrue(fault.orElse("no fault").contains(said), fault::toString);
    }
}
