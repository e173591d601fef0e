package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MeasuredCostTest {
    private static final RegionShape SHAPE = new RegionShape(1, 1, 1);

    @Test
    void aClearMeasurementOverrulesTheModel() {
        assertEquals(5e-3, new MeasuredCost(5e-3, 1e-5).shrunkTo(2e-3), 2e-5);
    }

    @Test
    void aNoisyMeasurementHardlyMovesIt() {
        assertEquals(2e-3, new MeasuredCost(5e-3, 1e-2).shrunkTo(2e-3), 2e-5);
    }

    @Test
    void nothingCostsLessThanNothing() {
        assertEquals(0, new MeasuredCost(-4e-3, 1e-6).shrunkTo(1e-3));
    }

    @Test
    void theErrorOfAMedianFallsWithTheRootOfTheBursts() {
        MeasuredCost one = MeasuredCost.of(TrueDevice.ofOneDevice(SHAPE, CostSide.CPU, alternating(MeasuredCost.RUNS_OF_A_BURST)));
        MeasuredCost four = MeasuredCost.of(TrueDevice.ofOneDevice(SHAPE, CostSide.CPU, alternating(4 * MeasuredCost.RUNS_OF_A_BURST)));

        assertEquals(2, one.standardError() / four.standardError(), 1e-9);
    }

    @Test
    void moreRunsOfOneBurstSayNothingNew() {
        MeasuredCost few = MeasuredCost.of(TrueDevice.ofOneDevice(SHAPE, CostSide.CPU, alternating(4)));
        MeasuredCost more = MeasuredCost.of(TrueDevice.ofOneDevice(SHAPE, CostSide.CPU, alternating(MeasuredCost.RUNS_OF_A_BURST)));

        assertEquals(few.standardError(), more.standardError(), 1e-15);
        assertTrue(few.standardError() > 0);
    }

    private static long[] alternating(int count) {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = i % 2 == 0 ? 900 : 1100;
        }
        return nanos;
    }
}
