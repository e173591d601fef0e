package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostModelFitTest {
    /** A phone: 20 GMAC/s on the CPU, 200 on the accelerator, 0.5 ms a dispatch, 4 GB/s. Break-even near 12 million MACs. */
    private static final CostModel PHONE = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);

    private final CostModelFit fit = new CostModelFit(FitOptions.defaults());

    @Test
    void theBreakEvenIsFoundWithinATenthDespiteNoiseAndSlowedRuns() {
        int within = 0;
        for (int seed = 0; seed < 20; seed++) {
            CostModel model = CostModel.of(fitted(new TrueDevice(PHONE, seed).runs(24, 32)).estimate());
            double error = model.breakEvenMacs(0.01) / PHONE.breakEvenMacs(0.01) - 1;
            if (Math.abs(error) < 0.1) {
                within++;
            }
        }
        assertTrue(within >= 18, within + " of 20 seeds within 10 %");
    }

    @Test
    void bothThroughputsAreFoundWithinTenPercent() {
        CostModelEstimate estimate = fitted(new TrueDevice(PHONE, 99).runs(24, 32)).estimate();

        assertEquals(1, estimate.getCpuSecondsPerMac().getValue() / PHONE.cpuSecondsPerMac(), 0.1);
        assertEquals(1, estimate.getAcceleratorSecondsPerMac().getValue() / PHONE.acceleratorSecondsPerMac(), 0.2);
        assertTrue(estimate.getMedianRelativeError() < 0.15, "median error " + estimate.getMedianRelativeError());
    }

    @Test
    void noiselessRunsGiveTheTruth() {
        List<RegionRuns> runs = new ArrayList<>();
        for (RegionShape region : new TrueDevice(PHONE, 4).regions(12)) {
            runs.add(TrueDevice.ofOneDevice(region, CostSide.CPU, constant(PHONE.cpuSeconds(region))));
            runs.add(TrueDevice.ofOneDevice(region, CostSide.ACCELERATOR, constant(PHONE.acceleratorSeconds(region))));
        }
        CostModel model = CostModel.of(fitted(runs).estimate());

        assertEquals(1, model.cpuSecondsPerMac() / PHONE.cpuSecondsPerMac(), 1e-3);
        assertEquals(1, model.dispatchSeconds() / PHONE.dispatchSeconds(), 1e-3);
        assertEquals(1, model.acceleratorSecondsPerMac() / PHONE.acceleratorSecondsPerMac(), 1e-3);
        assertEquals(1, model.secondsPerByte() / PHONE.secondsPerByte(), 1e-3);
    }

    @Test
    void intervalsContainTheirEstimateAndMostlyTheTruth() {
        int covered = 0;
        for (int seed = 100; seed < 120; seed++) {
            CostModelEstimate estimate = fitted(new TrueDevice(PHONE, seed).runs(20, 32)).estimate();
            for (Interval interval : List.of(estimate.getCpuSecondsPerMac(), estimate.getDispatchSeconds(),
                    estimate.getAcceleratorSecondsPerMac(), estimate.getSecondsPerByte())) {
                assertTrue(interval.getLow() <= interval.getValue() && interval.getValue() <= interval.getHigh(), interval::toString);
            }
            Interval dispatch = estimate.getDispatchSeconds();
            // Slowed runs that Huber weights only damp leave the dispatch a few percent high.
            if (dispatch.getLow() <= 1.08 * PHONE.dispatchSeconds() && dispatch.getHigh() >= PHONE.dispatchSeconds()) {
                covered++;
            }
        }
        assertTrue(covered >= 15, covered + " of 20");
    }

    @Test
    void noCoefficientIsNegativeEvenWhereTheBytesAreFree() {
        CostModel freeBytes = new CostModel(5e-11, 5e-4, 5e-12, 0);

        for (int seed = 0; seed < 10; seed++) {
            CostModelEstimate estimate = fitted(new TrueDevice(freeBytes, seed).runs(15, 20)).estimate();
            assertTrue(estimate.getSecondsPerByte().getValue() >= 0);
            assertTrue(estimate.getDispatchSeconds().getValue() >= 0);
        }
    }

    @Test
    void leftOverBranchesThatUseTheCpuBadlyDoNotHideWhatContrastsSay() {
        for (int seed = 0; seed < 10; seed++) {
            TrueDevice device = new TrueDevice(PHONE, seed);
            List<RegionRuns> runs = new ArrayList<>();
            for (RegionShape region : device.regions(16)) {
                runs.add(device.run(region, true, 32));
                runs.add(device.contrast(region, 0.05, 32));
            }
            // What is left on the CPU takes three times as long per MAC.
            TrueDevice leftOvers = new TrueDevice(new CostModel(1.5e-10, 5e-4, 5e-12, 2.5e-10), seed);
            for (RegionShape region : leftOvers.regions(30)) {
                runs.add(leftOvers.run(region, false, 32));
            }

            double found = fitted(runs).estimate().getCpuSecondsPerMac().getValue();
            assertEquals(1, found / PHONE.cpuSecondsPerMac(), 0.15, "seed " + seed);
        }
    }

    @Test
    void plansThatDelegateNothingSayMoreOfTheCpuThanWhatOthersLeftOver() {
        TrueDevice device = new TrueDevice(PHONE, 8);
        List<RegionRuns> runs = new ArrayList<>(device.runs(14, 32));
        for (RegionShape region : device.regions(60)) {
            RegionRuns slow = new TrueDevice(new CostModel(2e-10, 5e-4, 5e-12, 2.5e-10), 8).run(region, false, 32);
            runs.add(TrueDevice.ofOneDevice(region, CostSide.CPU_LEFT_OVER, slow.latenciesNanos()));
        }

        assertEquals(1, fitted(runs).estimate().getCpuSecondsPerMac().getValue() / PHONE.cpuSecondsPerMac(), 0.1);
    }

    @Test
    void oneContrastThatIsSurelyWrongDoesNotPullTheCpuToZero() {
        TrueDevice device = new TrueDevice(PHONE, 5);
        List<RegionRuns> runs = new ArrayList<>();
        for (RegionShape region : device.regions(12)) {
            runs.add(device.run(region, true, 32));
            runs.add(device.contrast(region, 0.05, 32));
        }
        // The device was slower while its baseline was measured than while the contrast was: tight, and far off.
        long[] wrong = new long[32];
        Arrays.fill(wrong, 2_000_000);
        runs.add(TrueDevice.ofOneDevice(new RegionShape(9, 3_000_000_000L, 1_000_000), CostSide.CPU_BY_CONTRAST, wrong));

        assertEquals(1, fitted(runs).estimate().getCpuSecondsPerMac().getValue() / PHONE.cpuSecondsPerMac(), 0.2);
    }

    @Test
    void contrastsThatCarryNoSignalLeaveTheFitToTheBranches() {
        TrueDevice device = new TrueDevice(PHONE, 3);
        List<RegionRuns> runs = new ArrayList<>(device.runs(16, 32));
        for (RegionShape region : device.regions(6)) {
            long[] negative = new long[20];
            Arrays.fill(negative, -1_000_000);
            runs.add(TrueDevice.ofOneDevice(region, CostSide.CPU_BY_CONTRAST, negative));
        }

        assertEquals(1, fitted(runs).estimate().getCpuSecondsPerMac().getValue() / PHONE.cpuSecondsPerMac(), 0.1);
    }

    @Test
    void theSameSeedGivesTheSameEstimate() {
        List<RegionRuns> runs = new TrueDevice(PHONE, 1).runs(12, 20);

        assertEquals(fitted(runs).estimate(), fitted(runs).estimate());
    }

    @Test
    void withoutAcceleratorRunsThereIsNoFit() {
        List<RegionRuns> cpuOnly = new TrueDevice(PHONE, 1).runs(20, 20).stream().filter(r -> r.side() == CostSide.CPU).toList();

        assertEquals(FitResult.Gate.ACCELERATOR_SAMPLES, notYet(cpuOnly).gate());
    }

    @Test
    void withoutCpuRunsThereIsNoFit() {
        List<RegionRuns> acceleratorOnly = new TrueDevice(PHONE, 1).runs(20, 20).stream().filter(r -> r.side() == CostSide.ACCELERATOR).toList();

        assertEquals(FitResult.Gate.CPU_SAMPLES, notYet(acceleratorOnly).gate());
    }

    @Test
    void tooFewDistinctRegionsAreSaidWithTheirCount() {
        FitResult.NotYet notYet = notYet(new TrueDevice(PHONE, 1).runs(9, 32));

        assertEquals(FitResult.Gate.DISTINCT_REGIONS, notYet.gate());
        assertTrue(notYet.reason().contains("9 of 10"), notYet.reason());
    }

    @Test
    void regionsOfOneProportionCannotTellTheTermsApart() {
        TrueDevice device = new TrueDevice(PHONE, 1);
        List<RegionRuns> runs = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            RegionShape region = new RegionShape(4, i * 50_000_000L, i * 1_000_000L);
            runs.add(device.run(region, false, 20));
            runs.add(device.run(region, true, 20));
        }

        assertEquals(FitResult.Gate.CONDITION, notYet(runs).gate());
    }

    private FitResult.Fitted fitted(List<RegionRuns> runs) {
        return assertInstanceOf(FitResult.Fitted.class, fit.fit(runs));
    }

    private FitResult.NotYet notYet(List<RegionRuns> runs) {
        return assertInstanceOf(FitResult.NotYet.class, fit.fit(runs));
    }

    private static long[] constant(double seconds) {
        return new long[] {Math.round(seconds * 1e9), Math.round(seconds * 1e9), Math.round(seconds * 1e9)};
    }
}
