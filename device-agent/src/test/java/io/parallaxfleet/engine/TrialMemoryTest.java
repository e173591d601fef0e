package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import org.junit.jupiter.api.Test;

class TrialMemoryTest {
    private final PreparedModel model = ForkedModel.prepared();
    private final EnginePlan plan =
            EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Everywhere(), 2);
    private final long neededBytes =
            plan.arenaBytes() + model.graph().initializers().values().stream().mapToLong(TensorType::bytes).sum();

    @Test
    void eachCandidateTakesItsArenaAndItsWeights() {
        TrialMemory memory = new TrialMemory(model, 2 * neededBytes);

        assertTrue(memory.reserve(plan));
        assertTrue(memory.reserve(plan));
        assertFalse(memory.reserve(plan), "two fit and no more");
    }

    @Test
    void aPlanThatDoesNotFitIsNotMeasured() {
        TrialMemory memory = new TrialMemory(model, neededBytes - 1);

        assertFalse(memory.reserve(plan));
    }
}
