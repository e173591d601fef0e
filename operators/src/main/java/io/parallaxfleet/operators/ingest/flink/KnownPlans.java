package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.function.Function;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;

/** The plans of broadcast state as a function; null where there is none. */
final class KnownPlans implements Function<String, PlanProfile> {
    private final ReadOnlyBroadcastState<String, PlanProfile> plans;

    KnownPlans(ReadOnlyBroadcastState<String, PlanProfile> plans) {
        this.plans = plans;
    }

    @Override
    public PlanProfile apply(String planId) {
        try {
            return plans.get(planId);
        } catch (Exception e) {
            throw new IllegalStateException("reading plan " + planId + " from broadcast state", e);
        }
    }
}
