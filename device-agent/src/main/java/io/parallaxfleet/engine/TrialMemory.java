package io.parallaxfleet.engine;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;

/**
 * What a measurement at first use may hold. Its candidates are open all at once, each with weights and an arena of its own; where
 * memory is short, fewer compete, and a model that just fits is not measured at all. Not thread-safe.
 */
final class TrialMemory {
    private final long weightBytes;
    private long leftBytes;

    /** @param budgetBytes M_budget when the measurement begins */
    TrialMemory(PreparedModel model, long budgetBytes) {
        this.weightBytes = model.graph().initializers().values().stream()
                .filter(TensorType::isStatic)
                .mapToLong(TensorType::bytes)
                .sum();
        this.leftBytes = budgetBytes;
    }

    /** Takes the room that a plan's sessions need; false, and nothing taken, when there is not so much. */
    boolean reserve(EnginePlan plan) {
        long needed = weightBytes + plan.arenaBytes();
        if (needed > leftBytes || !plan.arenaFits()) {
            return false;
        }
        leftBytes -= needed;
        return true;
    }
}
