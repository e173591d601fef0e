package io.parallaxfleet.operators.fit;

import java.util.Objects;

/**
 * A candidate region of a class.
 *
 * @param perInference how many times an average inference of the class meets it
 */
public record WorkloadRegion(RegionShape shape, double perInference) {
    public WorkloadRegion {
        Objects.requireNonNull(shape, "shape");
        if (!(perInference >= 0) || Double.isInfinite(perInference)) {
            throw new IllegalArgumentException("perInference is " + perInference + "; it must be finite and not negative");
        }
    }
}
