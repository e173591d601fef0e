package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.memory.PlanStorage;
import io.parallaxfleet.memory.PlanStorageVerifier;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PlanningOnly;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnginePlannerTest {
    private static EnginePlan randomPlan(Random random) {
        ModelGraph graph = RandomGraphs.graph(random, 40);
        OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
        DelegationPolicy policy = new DelegationPolicy.Thresholds(1 + random.nextInt(5), 0, 1e9);
        Execution onCpu = random.nextBoolean() ? Execution.SPLIT : Execution.ONE_SESSION;
        return EnginePlanner.plan(PlanningOnly.of(graph), support, policy, 1, onCpu, 1 + random.nextInt(4));
    }

    @Test
    void everyOperatorIsInExactlyOneStepWhateverTheGraph() {
        Random random = new Random(101);
        for (int trial = 0; trial < 1_000; trial++) {
            EnginePlan plan = randomPlan(random);

            List<Integer> covered = plan.steps().stream().flatMap(step -> step.nodes().stream()).sorted().toList();
            assertEquals(IntStream.range(0, plan.branches().graph().size()).boxed().toList(), covered, "trial " + trial);
        }
    }

    @Test
    void everyStepWaitsForExactlyTheStepsThatWriteItsInputsAndTheyComeBeforeIt() {
        Random random = new Random(102);
        for (int trial = 0; trial < 1_000; trial++) {
            EnginePlan plan = randomPlan(random);
            for (int step = 0; step < plan.steps().size(); step++) {
                Set<Integer> writers = new TreeSet<>();
                for (String input : plan.steps().get(step).inputs()) {
                    for (int other = 0; other < plan.steps().size(); other++) {
                        if (plan.steps().get(other).outputs().contains(input)) {
                            writers.add(other);
                        }
                    }
                }
                assertEquals(List.copyOf(writers), plan.steps().get(step).predecessors(), "trial " + trial);
                int position = step;
                assertTrue(writers.stream().allMatch(writer -> writer < position), "trial " + trial);
            }
        }
    }

    @Test
    void noTwoTensorsThatMayBeAliveTogetherShareStorageBetweenSteps() {
        Random random = new Random(103);
        for (int trial = 0; trial < 1_000; trial++) {
            EnginePlan plan = randomPlan(random);
            ModelGraph graph = plan.branches().graph();
            List<PlanStorage.Step> steps = EnginePlanner.storageSteps(plan);

            assertDoesNotThrow(
                    () -> PlanStorageVerifier.verify(graph, steps, TensorStore::plannable, plan.crossing()), "trial " + trial);
        }
    }

    @Test
    void whatIsDelegatedIsWhatTheThresholdsKept() {
        Random random = new Random(104);
        for (int trial = 0; trial < 300; trial++) {
            EnginePlan plan = randomPlan(random);

            assertEquals(plan.branches().partition().delegated().size(), plan.delegatedRegions(), "trial " + trial);
        }
    }

    @Test
    void equalPlansHaveEqualIdsAndOtherPlacementsOtherIds() {
        PreparedModel model = PlanningOnly.of(RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1))));
        OperatorSupport everything = (graph, node) -> true;
        DelegationPolicy anything = new DelegationPolicy.Thresholds(1, 0, 1e9);
        EnginePlan delegated = EnginePlanner.plan(model, everything, anything, 1, Execution.ONE_SESSION, 2);

        assertEquals(delegated.id(), EnginePlanner.plan(model, everything, anything, 2, Execution.ONE_SESSION, 2).id());
        assertTrue(!delegated.id().equals(
                EnginePlanner.plan(model, everything, new DelegationPolicy.Never(), 1, Execution.ONE_SESSION, 2).id()));
    }

    @Test
    void heterogeneousIsNotACpuExecution() {
        PreparedModel model = PlanningOnly.of(RandomGraphs.ofReads(List.of(List.of())));

        assertThrows(IllegalArgumentException.class, () -> EnginePlanner.plan(
                model, OperatorSupport.none(), DelegationPolicy.paper(), 1, Execution.HETEROGENEOUS, 1));
    }
}
