package io.parallaxfleet.operators.fit;

import java.util.Objects;

/**
 * One timed run of a branch, or one contrast of two plans. The energy of a run has the same form and is fitted by the same code:
 * nanojoules then stand for nanoseconds, and joules for seconds.
 *
 * @param shape how big the branch is; for a contrast, the sum over the delegated regions
 * @param latencyNanos positive unless the side is a contrast
 */
public record CostSample(RegionShape shape, CostSide side, long latencyNanos) {
    public CostSample {
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(side, "side");
        if (latencyNanos <= 0 && side != CostSide.CPU_BY_CONTRAST) {
            throw new IllegalArgumentException("latencyNanos is " + latencyNanos + "; a timed run takes time");
        }
    }
}
