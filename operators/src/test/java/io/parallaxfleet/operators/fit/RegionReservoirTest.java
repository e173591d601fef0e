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
        reservoir.add(new CostSample(LARGE, CostSide.ACCELERATOR, 5), "model", 1);
        for (int i = 1; i < 100_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, i), "model", 1);
        }

        assertEquals(2, reservoir.regions().size());
    }

    @Test
    void theTwoSidesOfARegionAreKeptApart() {
        RegionReservoir reservoir = new RegionReservoir(1);
        reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 5), "model", 1);
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 7), "model", 1);

        assertEquals(2, reservoir.regions().size());
    }

    @Test
    void stateIsBoundedAndTheRegionIdleLongestMakesRoom() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 3 * RegionReservoir.MAX_STRATA; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "model", 1);
            reservoir.add(new CostSample(new RegionShape(1, i, 1), CostSide.ACCELERATOR, 1), "model", 1);
        }

        assertEquals(RegionReservoir.MAX_STRATA, reservoir.regions().size());
        assertTrue(reservoir.regions().stream().anyMatch(r -> r.shape().equals(SMALL)));
    }

    @Test
    void aDeviceThatChangesIsNoticed() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 10_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 100), "model", 1);
        }
        for (int i = 0; i < 5 * RegionReservoir.MEMORY * RegionReservoir.STRATUM_SAMPLES; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.ACCELERATOR, 200), "model", 1);
        }
        long changed = Arrays.stream(reservoir.regions().get(0).latenciesNanos()).filter(nanos -> nanos == 200).count();

        assertTrue(changed >= 0.9 * RegionReservoir.STRATUM_SAMPLES, changed + " samples are new");
    }

    @Test
    void aDeviceThatReportsAThousandTimesAsOftenHoldsNoMoreThanItsShare() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 200; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "model", i % 5);
        }
        for (int i = 0; i < 100_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "model", 99);
        }
        long held = Arrays.stream(reservoir.regions().get(0).devices()).filter(device -> device == 99).count();

        // Five others were there before it.
        assertTrue(held <= RegionReservoir.STRATUM_SAMPLES / 6 + 1, held + " samples are of one device");
    }

    @Test
    void twoDevicesShareAStratumEvenlyHoweverOftenEachRuns() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 100_000; i++) {
            reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "model", i % 100 == 0 ? 1 : 2);
        }
        long held = Arrays.stream(reservoir.regions().get(0).devices()).filter(device -> device == 2).count();

        assertEquals(RegionReservoir.STRATUM_SAMPLES / 2, held);
    }

    @Test
    void aDeviceThatMakesRegionsUpPushesOutItsOwn() {
        RegionReservoir reservoir = new RegionReservoir(1);
        for (int i = 0; i < 100; i++) {
            reservoir.add(new CostSample(new RegionShape(1, 1 + i, 1), CostSide.CPU, 1), "model", 1);
        }
        for (int i = 0; i < 10_000; i++) {
            reservoir.add(new CostSample(new RegionShape(2, 1 + i, 1), CostSide.CPU, 1), "model", 99);
        }
        long kept = reservoir.regions().stream().filter(region -> region.shape().operators() == 1).count();

        assertEquals(100, kept);
    }

    @Test
    void nothingIsLeftOfADeviceThatIsForgotten() {
        RegionReservoir reservoir = new RegionReservoir(1);
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "model", 1);
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 2), "model", 2);
        reservoir.add(new CostSample(LARGE, CostSide.CPU, 3), "model", 1);
        reservoir.forget(1);

        assertEquals(1, reservoir.regions().size());
        assertEquals(2, reservoir.regions().get(0).latenciesNanos()[0]);
    }

    @Test
    void theSameRegionOfTwoModelsIsKeptApart() {
        RegionReservoir reservoir = new RegionReservoir(1);
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "one", 1);
        reservoir.add(new CostSample(SMALL, CostSide.CPU, 1), "other", 1);

        assertEquals(2, reservoir.regions().size());
    }
}
