package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchVerifier;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.memory.MemoryOptions;
import io.parallaxfleet.memory.MemoryVerifier;
import io.parallaxfleet.memory.PlanStorageVerifier;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.PartitionVerifier;
import io.parallaxfleet.schedule.ThreadShares;

/** Every verifier there is, on a plan and on those of its sub-graphs. */
public final class VerifiedPlans {
    private VerifiedPlans() {}

    /** How many plans were verified: the plan and those inside it. */
    public static int verify(EnginePlan plan, OperatorSupport support) {
        ModelGraph graph = plan.branches().graph();
        assertDoesNotThrow(() -> {
            PartitionVerifier.verify(plan.branches().partition(), support);
            BranchVerifier.verify(plan.branches(), BranchOptions.paper());
            MemoryVerifier.verify(plan.branches(), plan.memory(), MemoryOptions.defaults());
            PlanStorageVerifier.verify(graph, EnginePlanner.storageSteps(plan), TensorStore::plannable, plan.crossing());
            ThreadShareVerifier.verify(plan, (threads, macs) -> ThreadShares.time(macs, threads));
        }, plan.model());
        assertEquals(graph.size(), plan.steps().stream().flatMap(step -> step.nodes().stream()).distinct().count(), plan.model());
        return 1 + plan.steps().stream().flatMap(step -> step.controlFlow().stream())
                .flatMap(operator -> operator.bodies().values().stream())
                .mapToInt(body -> verify(body, support))
                .sum();
    }
}
