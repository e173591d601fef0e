package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RegionReservoirTest {
    private static final RegionShape SMALL = new RegionShape(3, 100, 10);
    private static final RegionShape LARGE = new RegionShape(3, 1_000_000, 10);

    @Test
    void aRegionThatRunsOftenDoesNotPushOutOneThatRunsRarely() {
        RegionReservoir reservoir = new RegionReservoir(1);
        reservoir.add(new CostSample(LARGE, CostSide.ACCELERATOR, 5));
        for (int i = 1; i < 100_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, i));
        }

        assertEquals(2, reservoir.regions().size());
    }

    @Test
    void theTwoSidesOfARegionAreKeptApart() {
        RegionReservoir reservoir = new RegionReservoir(1);
        reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 5));
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 7));

        assertEquals(2, reservoir.regions().size());
    }

    @Test
    void stateIsBoundedAndTheRegionIdleLongestMakesRoom() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 3 * RegionReservoir.MAX_STRATA; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.CPU, 1));
            reservoir.add(new CostSample(new RegionShape(1, i, 1), CostSide.ACCELERATOR, 1));
        }

        assertEquals(RegionReservoir.MAX_STRATA, reservoir.regions().size());
        assertTrue(reservoir.regions().stream().anyMatch(r -> r.shape().equals(SMALL)));
    }

    @Test
    void aDeviceThatChangesIsNoticed() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 10_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 100));
        }
        for (int i = 0; i < 5 * RegionReservoir.MEMORY; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 200));
        }
        long changed = Arrays.stream(reservoir.regions().get(0).latenciesNanos()).filter(nanos -> nanos == 200).count();

        assertTrue(changed >= 0.9 * RegionReservoir.STRATUM_SAMPLES, changed + " samples are new");
    }
}
