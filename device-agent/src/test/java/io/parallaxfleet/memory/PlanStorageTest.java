package io.parallaxfleet.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partitioner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanStorageTest {
    /** Tensors of {@link RandomGraphs#ofReads} have this size. */
    private static final long TENSOR = 256;

    private static List<PlanStorage.Step> oneStep(ModelGraph graph, boolean open) {
        return List.of(new PlanStorage.Step(
                IntStream.range(0, graph.size()).boxed().toList(), graph.outputs(), List.of(), open));
    }

    private static CrossStepPlan plan(ModelGraph graph, List<PlanStorage.Step> steps) {
        PlanStorage storage = PlanStorage.of(graph, steps, TensorType::isStatic, 1);
        return CrossStepMemory.plan(storage.requests(), storage.predecessors());
    }

    @Test
    void aChainInAnOpenStepNeedsTwoBuffers() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3)));

        CrossStepPlan plan = plan(chain, oneStep(chain, true));

        assertEquals(5, plan.offsets().size());
        assertEquals(2 * TENSOR, plan.bytes());
    }

    @Test
    void whatStaysInsideAClosedStepIsNotPlaced() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1)));

        assertEquals(Map.of("t2", 0L), plan(chain, oneStep(chain, false)).offsets());
    }

    @Test
    void stepsInARowUseTheSameStorageForWhatStaysInside() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3), List.of(4)));
        List<PlanStorage.Step> halves = List.of(
                new PlanStorage.Step(List.of(0, 1, 2), List.of("t2"), List.of(), true),
                new PlanStorage.Step(List.of(3, 4, 5), List.of("t5"), List.of(0), true));

        assertEquals(2 * TENSOR, plan(chain, halves).bytes());
    }

    @Test
    void operatorsOfOneStepThatMayRunInAnyOrderShareNothing() {
        ModelGraph fork = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(), List.of(3), List.of(2, 4)));

        CrossStepPlan plan = plan(fork, oneStep(fork, true));

        for (String left : List.of("t0", "t1", "t2")) {
            for (String right : List.of("t3", "t4")) {
                assertTrue(!plan.offsets().get(left).equals(plan.offsets().get(right)), left + " and " + right);
            }
        }
    }

    @Test
    void aViewKeepsTheStorageOfWhatItShows() {
        ModelGraph graph = chain("Relu", "Reshape", "Relu", "Relu");

        CrossStepPlan plan = plan(graph, oneStep(graph, true));

        assertTrue(!plan.offsets().containsKey("t1"), "the view has no storage of its own");
        assertTrue(!plan.offsets().get("t0").equals(plan.offsets().get("t2")), "t2 is written while t0 is read through its view");
    }

    @Test
    void aViewThatLeavesItsStepIsACopy() {
        ModelGraph graph = chain("Relu", "Reshape", "Relu");
        List<PlanStorage.Step> steps = List.of(
                new PlanStorage.Step(List.of(0, 1), List.of("t1"), List.of(), true),
                new PlanStorage.Step(List.of(2), List.of("t2"), List.of(0), true));

        assertEquals(plan(graph, steps).offsets().get("t0"), plan(graph, steps).offsets().get("t2"));
    }

    @Test
    void smallTensorsInsideAStepAreLeftToItsRuntime() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1)));

        PlanStorage storage = PlanStorage.of(chain, oneStep(chain, true), TensorType::isStatic, TENSOR + 1);

        assertEquals(List.of("t2"), storage.requests().stream().map(StorageRequest::tensor).toList());
    }

    @Test
    void arenasOfRandomPlansHoldInEveryOrder() {
        Random random = new Random(301);
        for (int trial = 0; trial < 1_500; trial++) {
            ModelGraph graph = RandomGraphs.graph(random, 40);
            List<PlanStorage.Step> steps = randomSteps(random, graph);

            CrossStepPlan plan = plan(graph, steps);

            assertDoesNotThrow(() -> PlanStorageVerifier.verify(graph, steps, TensorType::isStatic, plan), "trial " + trial);
        }
    }

    @Test
    void theVerifierRejectsStorageThatAViewStillShows() {
        ModelGraph graph = chain("Relu", "Reshape", "Relu", "Relu");
        CrossStepPlan broken = new CrossStepPlan(Map.of("t0", 0L, "t2", 0L, "t3", 256L), 512);

        assertTrue(assertThrows(IllegalStateException.class,
                        () -> PlanStorageVerifier.verify(graph, oneStep(graph, true), TensorType::isStatic, broken))
                .getMessage().contains("share storage"));
    }

    @Test
    void theVerifierRejectsAPlaceInsideAClosedStep() {
        ModelGraph graph = chain("Relu", "Relu");
        CrossStepPlan broken = new CrossStepPlan(Map.of("t0", 0L, "t1", 256L), 512);

        assertThrows(IllegalStateException.class,
                () -> PlanStorageVerifier.verify(graph, oneStep(graph, false), TensorType::isStatic, broken));
    }

    /** The branches of the graph as steps, some of them open. */
    private static List<PlanStorage.Step> randomSteps(Random random, ModelGraph graph) {
        OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
        List<Branch> branches = BranchPlanner.plan(
                Partitioner.partition(graph, support, new DelegationPolicy.Thresholds(3, 0, 1e9)), BranchOptions.paper()).branches();
        List<PlanStorage.Step> steps = new ArrayList<>();
        for (Branch branch : branches) {
            List<Integer> nodes = branch.nodes().stream().sorted().toList();
            List<String> outputs = nodes.stream()
                    .flatMap(node -> graph.node(node).writes())
                    .filter(tensor -> graph.outputs().contains(tensor)
                            || graph.consumers(tensor).stream().anyMatch(reader -> !nodes.contains(reader)))
                    .toList();
            steps.add(new PlanStorage.Step(nodes, outputs, branch.predecessors(), random.nextInt(4) > 0));
        }
        return steps;
    }

    private static ModelGraph chain(String... operators) {
        Map<String, TensorType> types = new HashMap<>();
        types.put("in", TensorType.of(ElementType.FLOAT, 64));
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < operators.length; i++) {
            types.put("t" + i, TensorType.of(ElementType.FLOAT, 64));
            nodes.add(new Node(i, operators[i] + "_" + i, "", operators[i], List.of(i == 0 ? "in" : "t" + (i - 1)),
                    List.of("t" + i), List.of(), false, Attributes.NONE));
        }
        return new ModelGraph("chain", nodes, List.of("in"), List.of("t" + (operators.length - 1)), types, Map.of());
    }
}
