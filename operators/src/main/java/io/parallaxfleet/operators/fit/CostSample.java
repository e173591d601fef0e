package io.parallaxfleet.operators.fit;

import java.util.Objects;

/** One timed run of a branch: where it ran, how big it is, how long it took. */
public record CostSample(RegionShape shape, boolean accelerator, long latencyNanos) {
    public CostSample {
        Objects.requireNonNull(shape, "shape");
        if (latencyNanos <= 0) {
            throw new IllegalArgumentException("latencyNanos is " + latencyNanos + "; a timed run takes time");
        }
    }
}
