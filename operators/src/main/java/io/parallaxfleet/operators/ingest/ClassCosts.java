package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.CostBatch;
import io.parallaxfleet.operators.fit.CostObservation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the cost model is told of one class in one window. Up to {@value #MAX_OBSERVED} inferences are observed, and as many explored
 * ones, which are rare and say most; of the others only the number is told. The fit keeps 32 runs a region in any case, so more
 * would only cost time. Not thread-safe.
 */
final class ClassCosts {
    static final int MAX_OBSERVED = 128;

    private final ClassKey classKey;
    private final List<CostObservation> observations = new ArrayList<>();
    private long unobserved;
    private int observed;
    private int exploredObserved;
    private long latestMillis = Long.MIN_VALUE;

    ClassCosts(ClassKey classKey) {
        this.classKey = classKey;
    }

    boolean wants(boolean explored) {
        return (explored ? exploredObserved : observed) < MAX_OBSERVED;
    }

    void observe(CostObservation observation, boolean explored, long eventTimeMillis) {
        observations.add(observation);
        latestMillis = Math.max(latestMillis, eventTimeMillis);
        if (explored) {
            exploredObserved++;
        } else {
            observed++;
        }
    }

    void count(long eventTimeMillis) {
        unobserved++;
        latestMillis = Math.max(latestMillis, eventTimeMillis);
    }

    /** When the latest inference of the next batch ended. */
    long latestMillis() {
        return latestMillis;
    }

    /** What came since the last batch; the limit goes on counting. */
    Optional<CostBatch> drain() {
        if (observations.isEmpty() && unobserved == 0) {
            return Optional.empty();
        }
        CostBatch batch = new CostBatch(classKey, observations, unobserved);
        observations.clear();
        unobserved = 0;
        return Optional.of(batch);
    }
}
