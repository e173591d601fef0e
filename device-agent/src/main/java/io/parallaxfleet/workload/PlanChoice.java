package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import java.util.Optional;

/**
 * Which plan a burst runs.
 *
 * @param plan a prepared plan; empty: the one in force
 * @param probability probability with which this kind of plan was chosen, in (0, 1]
 */
public record PlanChoice(Optional<EnginePlan> plan, double probability) {
    public boolean explored() {
        return plan.isPresent();
    }
}
