package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SampleSelectionTest {
    private final SampleSelection selection = SampleSelection.defaults();

    @Test
    void energiesAreThoseOfTheSameBranchRunsInNanojoulesWithTheirSource() {
        CostObservation observation = SampleSelection.defaults()
                .observe(Telemetry.good(), Plans.ofTwoBranches("plan"), new DelegationContrast());

        assertEquals("cpu-time-model", observation.energySource());
        assertEquals(List.of(30_000L, 40_000L), observation.energies().stream().map(CostSample::latencyNanos).toList());
    }

    @Test
    void unavailableEnergyIsNoEnergyOfZero() {
        InferenceTelemetry t = Telemetry.good();
        t.setBranchEnergyMicrojoules(null);

        assertTrue(SampleSelection.defaults().observe(t, Plans.ofTwoBranches("plan"), new DelegationContrast()).energies().isEmpty());
    }

    @Test
    void branchesOfAQuietWarmRunAreSamplesOfTheirSide() {
        List<CostSample> samples = samples(Telemetry.good());

        assertEquals(List.of(new CostSample(new RegionShape(5, 1_000_000, 2000), CostSide.CPU_LEFT_OVER, 1_000_000),
                new CostSample(new RegionShape(4, 2_000_000, 3000), CostSide.ACCELERATOR, 2_000_000)), samples);
    }

    static List<Consumer<InferenceTelemetry>> disturbances() {
        return List.of(
                t -> t.setWarmup(true),
                t -> t.setValidity(Validity.DISTURBED),
                t -> t.setValidity(Validity.UNKNOWN),
                t -> t.setThermalState(ThermalState.CRITICAL),
                t -> t.setForeignCpuShare(0.9));
    }

    @ParameterizedTest
    @MethodSource("disturbances")
    void aDisturbedInferenceTeachesNothingButStillCountsForItsPlan(Consumer<InferenceTelemetry> disturb) {
        InferenceTelemetry disturbed = Telemetry.good();
        disturb.accept(disturbed);

        CostObservation observation = selection.observe(disturbed, Plans.ofTwoBranches("plan"), new DelegationContrast());

        assertTrue(observation.samples().isEmpty());
        assertEquals("plan", observation.planId());
    }

    @Test
    void aBranchThatFellBackIsLeftOutAndTheOthersAreNot() {
        InferenceTelemetry fellBack = Telemetry.good();
        fellBack.setBranchActual(Telemetry.bytes(1, 1));
        fellBack.setValidity(Validity.FALLBACK);

        assertEquals(1, samples(fellBack).size());
    }

    @Test
    void aBranchThatSharedTheMachineIsLeftOutUnlessAllowed() {
        InferenceTelemetry shared = Telemetry.good();
        shared.setBranchCoRunning(Telemetry.bytes(1, 0));

        assertEquals(1, samples(shared).size());
        assertEquals(2, new SampleSelection(0.5, true).observe(shared, Plans.ofTwoBranches("plan"), new DelegationContrast()).samples().size());
    }

    @Test
    void aTimeOfZeroIsNoMeasurement() {
        InferenceTelemetry zero = Telemetry.good();
        zero.setBranchLatencyNanos(List.of(0L, 5L));

        assertEquals(1, samples(zero).size());
    }

    private List<CostSample> samples(InferenceTelemetry telemetry) {
        return selection.observe(telemetry, Plans.ofTwoBranches("plan"), new DelegationContrast()).samples();
    }
}
