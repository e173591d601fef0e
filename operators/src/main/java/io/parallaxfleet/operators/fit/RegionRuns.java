package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.Objects;

/** The timed runs of one region on one side; the array is not to be changed. */
public record RegionRuns(RegionShape shape, CostSide side, long[] latenciesNanos) {
    public RegionRuns {
        Objects.requireNonNull(side, "side");
        if (latenciesNanos.length == 0) {
            throw new IllegalArgumentException("region " + shape + " has no runs");
        }
    }

    /** Their median in seconds. */
    public double medianSeconds() {
        return RelativeFit.median(Arrays.stream(latenciesNanos).mapToDouble(nanos -> nanos * 1e-9).toArray());
    }
}
