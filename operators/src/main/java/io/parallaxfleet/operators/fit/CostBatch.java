package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.List;
import java.util.Objects;

/**
 * What one operator learnt of one class in a while. Where many inferences come, some are observed and the others only counted: the
 * fit keeps a bounded sample in any case.
 *
 * @param observations of the inferences that were observed
 * @param unobserved how many inferences more there were
 */
public record CostBatch(ClassKey classKey, List<CostObservation> observations, long unobserved) {
    public CostBatch {
        Objects.requireNonNull(classKey, "classKey");
        observations = List.copyOf(observations);
        if (unobserved < 0) {
            throw new IllegalArgumentException("unobserved is " + unobserved + "; it must not be negative");
        }
    }
}
