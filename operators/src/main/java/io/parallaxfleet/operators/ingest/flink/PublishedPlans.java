package io.parallaxfleet.operators.ingest.flink;

import io.parallaxfleet.schemas.avro.PlanProfile;
import java.io.Serializable;
import java.util.List;

/**
 * The plans that were published before a job began. Its telemetry and its plans come on two topics that no order binds: a job that
 * begins on a backlog would read inferences by the thousands before the first plan, and more than wait for one would lose their
 * branches.
 */
@FunctionalInterface
public interface PublishedPlans extends Serializable {
    /** Read once by each instance of a job that begins without state, before its first record. */
    List<PlanProfile> read();

    static PublishedPlans none() {
        return List::of;
    }
}
