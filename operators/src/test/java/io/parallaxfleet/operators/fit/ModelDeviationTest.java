package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelDeviationTest {
    private static final CostModel PHONE = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);

    @Test
    void aModelThatTakesThirtyPercentMoreOnTheAcceleratorIsKnownByItsRuns() {
        ModelDeviation deviation = deviation(slower(1.3, CostSide.ACCELERATOR, 32));

        assertEquals(1.3, deviation.acceleratorFactor(), 0.06);
        assertEquals(1, deviation.cpuFactor());
    }

    @Test
    void aModelThatTakesThirtyPercentMoreOnTheCpuIsKnownByItsContrasts() {
        assertEquals(1.3, deviation(slower(1.3, CostSide.CPU_BY_CONTRAST, 32)).cpuFactor(), 0.06);
    }

    @Test
    void aFewRunsSayNothing() {
        assertEquals(1, deviation(slower(3, CostSide.ACCELERATOR, 4)).acceleratorFactor());
    }

    @Test
    void nonsenseIsBounded() {
        double factor = deviation(slower(1000, CostSide.ACCELERATOR, 32)).acceleratorFactor();

        assertTrue(factor <= 4, "factor " + factor);
    }

    @Test
    void whatIsLeftOnTheCpuSaysNothingOfTheRegionsThatGo() {
        assertEquals(1, deviation(slower(3, CostSide.CPU_LEFT_OVER, 32)).cpuFactor());
    }

    private static ModelDeviation deviation(List<RegionRuns> runs) {
        return ModelDeviation.of(runs, PHONE).getOrDefault("model", ModelDeviation.NONE);
    }

    private static List<RegionRuns> slower(double factor, CostSide side, int times) {
        TrueDevice device = new TrueDevice(PHONE, 2);
        List<RegionRuns> runs = new ArrayList<>();
        for (RegionShape region : device.regions(6)) {
            double seconds = side == CostSide.ACCELERATOR ? PHONE.acceleratorSeconds(region) : PHONE.cpuSeconds(region);
            long[] nanos = new long[times];
            Arrays.setAll(nanos, i -> Math.round(seconds * factor * (1 + 0.1 * Math.sin(i)) * 1e9));
            runs.add(TrueDevice.ofOneDevice(region, side, nanos));
        }
        return runs;
    }
}
