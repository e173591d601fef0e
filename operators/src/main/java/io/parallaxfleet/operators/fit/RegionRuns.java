package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.Objects;

/**
 * The timed runs of one region of one model on one side; the arrays are not to be changed.
 *
 * @param modelKey model file and bound shapes; empty for runs from before it was kept
 * @param devices which device each run is of, as {@link DeviceRoster} numbers them; 0 for runs from before it was kept
 */
public record RegionRuns(String modelKey, RegionShape shape, CostSide side, long[] latenciesNanos, int[] devices) {
    public RegionRuns {
        Objects.requireNonNull(modelKey, "modelKey");
        Objects.requireNonNull(side, "side");
        if (latenciesNanos.length == 0) {
            throw new IllegalArgumentException("region " + shape + " has no runs");
        }
        if (devices.length != latenciesNanos.length) {
            throw new IllegalArgumentException("region " + shape + " has " + latenciesNanos.length + " runs and "
                    + devices.length + " devices");
        }
    }

    /** Their median in seconds. */
    public double medianSeconds() {
        return RelativeFit.median(Arrays.stream(latenciesNanos).mapToDouble(nanos -> nanos * 1e-9).toArray());
    }
}
