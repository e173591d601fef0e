package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnergyFitTest {
    private static final ClassKey CLASS = new ClassKey("board", false);
    /** Joules. */
    private static final CostModel ENERGY = new CostModel(2e-10, 1e-3, 2e-11, 1e-9);

    @Test
    void whatRegionsCostInEnergyIsFoundFromBranchEnergiesOfTheMainSource() {
        ClassObservations observations = new ClassObservations(1);
        observe(observations, "rapl", 1, 3000);
        // Another meter that reads thrice as much, on fewer devices.
        observe(observations, "battery", 3, 300);

        EnergyFit found = EnergyFit.of(observations, new CostModelFit(FitOptions.defaults())).orElseThrow();
        assertEquals("rapl", found.source());
        assertEquals(1, found.estimate().getCpuSecondsPerMac().getValue() / ENERGY.cpuSecondsPerMac(), 0.1);
        assertEquals(1, CostModel.of(found.estimate()).breakEvenMacs(0.01) / ENERGY.breakEvenMacs(0.01), 0.15);
    }

    @Test
    void withoutEnergiesThereIsNoFitOfThem() {
        ClassObservations observations = new ClassObservations(1);
        for (int i = 0; i < 100; i++) {
            observations.add(new CostObservation(CLASS, "plan", "hash", "device", List.of(), "none", List.of()));
        }
        assertEquals(Optional.empty(), EnergyFit.of(observations, new CostModelFit(FitOptions.defaults())));
    }

    @Test
    void sourcesAreBounded() {
        ClassObservations observations = new ClassObservations(1);
        for (int i = 0; i < 100; i++) {
            observe(observations, "made-up-" + i, 1, 10);
        }
        assertTrue(observations.energies().bySource.size() <= EnergyReservoirs.MAX_SOURCES);
    }

    private static void observe(ClassObservations observations, String source, double scale, int inferences) {
        TrueDevice meter = new TrueDevice(ENERGY, 7);
        List<RegionShape> regions = new TrueDevice(ENERGY, 2).regions(20);
        for (int i = 0; i < inferences; i++) {
            RegionShape region = regions.get(i % regions.size());
            List<CostSample> energies = List.of(
                    new CostSample(region, CostSide.CPU, Math.round(scale * meter.run(region, false, 1).latenciesNanos()[0])),
                    new CostSample(region, CostSide.ACCELERATOR, Math.round(scale * meter.run(region, true, 1).latenciesNanos()[0])));
            observations.add(new CostObservation(CLASS, "plan", "hash", "device-" + i % 5, energies, source, energies));
        }
    }
}
