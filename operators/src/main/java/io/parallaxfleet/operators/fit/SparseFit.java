package io.parallaxfleet.operators.fit;

import java.util.List;
import java.util.Objects;

/**
 * What a class has measured on both sides whose regions are too few or too alike for a cost model of its own.
 *
 * @param cpuVariance of the seconds per MAC
 * @param regions medians of its accelerator runs, a region each
 */
public record SparseFit(double cpuSecondsPerMac, double cpuVariance, long cpuSamples, List<Region> regions) {
    /**
     * @param relativeVariance of the median around what the class's cost model would say, over the median squared
     */
    public record Region(RegionShape shape, double seconds, double relativeVariance, long samples) {
        public Region {
            Objects.requireNonNull(shape, "shape");
            if (!(seconds > 0 && relativeVariance > 0)) {
                throw new IllegalArgumentException(seconds + " s with a relative variance of " + relativeVariance);
            }
        }

        static Region of(RegionRuns runs) {
            MeasuredCost measured = MeasuredCost.of(runs);
            double error = measured.standardError() / measured.seconds();
            return new Region(runs.shape(), measured.seconds(), error * error + REGION_SPREAD * REGION_SPREAD,
                    runs.latenciesNanos().length);
        }
    }

    /** What regions differ from the class's line by, however often they were measured. */
    private static final double REGION_SPREAD = MeasuredCost.MODEL_SPREAD / 2;

    public SparseFit {
        regions = List.copyOf(regions);
        if (!(cpuSecondsPerMac > 0 && cpuVariance > 0)) {
            throw new IllegalArgumentException(cpuSecondsPerMac + " s a MAC with variance " + cpuVariance);
        }
    }
}
