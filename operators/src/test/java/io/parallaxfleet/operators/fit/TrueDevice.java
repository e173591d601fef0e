package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A device whose costs are known: what it measures is the truth with 15 % noise, and 8 % of its runs are slowed two to four times
 * by something else.
 */
final class TrueDevice {
    private final CostModel truth;
    private final Random random;

    TrueDevice(CostModel truth, long seed) {
        this.truth = truth;
        this.random = new Random(seed);
    }

    /** Regions spread over two and a half decades of F, with B/F over one and a half. */
    List<RegionShape> regions(int count) {
        List<RegionShape> regions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long macs = Math.round(2e7 * Math.pow(300, random.nextDouble()));
            long bytes = Math.round(macs * 0.003 * Math.pow(30, random.nextDouble()));
            regions.add(new RegionShape(3 + random.nextInt(20), macs, bytes));
        }
        return regions;
    }

    RegionRuns run(RegionShape region, boolean accelerator, int times) {
        long[] nanos = new long[times];
        double seconds = accelerator ? truth.acceleratorSeconds(region) : truth.cpuSeconds(region);
        for (int i = 0; i < times; i++) {
            double noise = Math.max(0.5, 1 + 0.15 * random.nextGaussian());
            double slowed = random.nextDouble() < 0.08 ? 2 + 2 * random.nextDouble() : 1;
            nanos[i] = Math.max(1, Math.round(seconds * noise * slowed * 1e9));
        }
        return ofOneDevice(region, accelerator ? CostSide.ACCELERATOR : CostSide.CPU, nanos);
    }

    /** Differences of whole inferences of this many seconds, which is where their noise comes from. */
    RegionRuns contrast(RegionShape region, double wholeSeconds, int times) {
        long[] nanos = new long[times];
        for (int i = 0; i < times; i++) {
            nanos[i] = Math.round((truth.cpuSeconds(region) + 0.1 * wholeSeconds * random.nextGaussian()) * 1e9);
        }
        return ofOneDevice(region, CostSide.CPU_BY_CONTRAST, nanos);
    }

    static RegionRuns ofOneDevice(RegionShape region, CostSide side, long[] nanos) {
        int[] devices = new int[nanos.length];
        Arrays.fill(devices, 1);
        return new RegionRuns("model", region, side, nanos, devices);
    }

    /** Every region on both sides. */
    List<RegionRuns> runs(int regions, int times) {
        List<RegionRuns> runs = new ArrayList<>();
        for (RegionShape region : regions(regions)) {
            runs.add(run(region, false, times));
            runs.add(run(region, true, times));
        }
        return runs;
    }
}
