package io.parallaxfleet.branch;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class BranchPlannerTest {
    private static BranchPlan planOnCpu(ModelGraph graph, BranchOptions options) {
        return BranchPlanner.plan(Partitioner.partition(graph, OperatorSupport.none(), new DelegationPolicy.Never()), options);
    }

    private static List<List<Integer>> branches(BranchPlan plan) {
        return plan.branches().stream().map(Branch::nodes).toList();
    }

    @Test
    void aChainIsOneBranch() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1)));

        assertEquals(List.of(List.of(0, 1, 2)), branches(planOnCpu(chain, BranchOptions.paper())));
    }

    @Test
    void splittersAndMergersEndAndBeginBranches() {
        // 0 -> 1 -> 2 -> 5 and 0 -> 3 -> 4 -> 5 -> 6.
        ModelGraph diamond = RandomGraphs.ofReads(
                List.of(List.of(), List.of(0), List.of(1), List.of(0), List.of(3), List.of(2, 4), List.of(5)));

        BranchPlan plan = planOnCpu(diamond, BranchOptions.paper());

        assertEquals(List.of(List.of(0), List.of(1, 2), List.of(3, 4), List.of(5, 6)), branches(plan));
        assertEquals(List.of(List.of(0), List.of(1, 2), List.of(3)), plan.layers().stream().map(Layer::branches).toList());
        assertEquals(List.of(1, 2), plan.branches().get(3).predecessors());
    }

    @Test
    void readingTwoTensorsOfOneOperatorIsOneEdge() {
        TensorType floats = TensorType.of(ElementType.FLOAT, 8);
        ModelGraph graph = new ModelGraph("g",
                List.of(new Node(0, "split", "", "Split", List.of("in"), List.of("a", "b"), List.of(), false, Attributes.NONE),
                        new Node(1, "add", "", "Add", List.of("a", "b"), List.of("out"), List.of(), false, Attributes.NONE)),
                List.of("in"), List.of("out"), Map.of("in", floats, "a", floats, "b", floats, "out", floats), Map.of());

        assertEquals(List.of(List.of(0, 1)), branches(planOnCpu(graph, BranchOptions.paper())));
    }

    @Test
    void aDelegatedRegionIsABranchOfItsOwn() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2)));
        Partition partition = Partitioner.partition(chain, (ignored, node) -> true, new DelegationPolicy.Exactly(Set.of(1, 2)));

        BranchPlan plan = BranchPlanner.plan(partition, BranchOptions.paper());

        assertEquals(List.of(List.of(0), List.of(1, 2), List.of(3)), branches(plan));
        assertTrue(plan.branches().get(1).region().isPresent());
        assertTrue(plan.branches().get(0).region().isEmpty());
    }

    @Test
    void adjacentDelegatedRegionsStayApart() {
        // 0 and 2 are kept apart by the unsupported 1 between them and joined by an edge.
        ModelGraph detour = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0, 1)));
        Partition partition = Partitioner.partition(detour, (ignored, node) -> node.index() != 1,
                new DelegationPolicy.Thresholds(1, 0, 1e9));

        assertEquals(List.of(List.of(0), List.of(1), List.of(2)), branches(BranchPlanner.plan(partition, BranchOptions.paper())));
    }

    @Nested
    class ALayer {
        private static final BranchOptions OPTIONS = BranchOptions.paper();

        /** Operator 0 feeds chains of the given lengths; operators of chain i write tensors of widths[i] floats. */
        private ModelGraph fork(int[] lengths, int[] widths) {
            Map<String, TensorType> types = new HashMap<>(Map.of("in", TensorType.of(ElementType.FLOAT, 8)));
            List<Node> nodes = new ArrayList<>();
            List<String> ends = new ArrayList<>();
            add(nodes, types, "in", 8);
            for (int chain = 0; chain < lengths.length; chain++) {
                String last = "t0";
                for (int i = 0; i < lengths[chain]; i++) {
                    last = add(nodes, types, last, widths[chain]);
                }
                ends.add(last);
            }
            return new ModelGraph("fork", nodes, List.of("in"), ends, types, Map.of());
        }

        private String add(List<Node> nodes, Map<String, TensorType> types, String input, int width) {
            String output = "t" + nodes.size();
            types.put(output, TensorType.of(ElementType.FLOAT, width));
            nodes.add(new Node(nodes.size(), "n" + nodes.size(), "", "Relu", List.of(input), List.of(output), List.of(), false,
                    Attributes.NONE));
            return output;
        }

        private boolean secondLayerIsParallel(int[] lengths, int[] widths) {
            return planOnCpu(fork(lengths, widths), OPTIONS).layers().get(1).parallel();
        }

        @Test
        void ofBalancedBranchesIsParallel() {
            assertTrue(secondLayerIsParallel(new int[] {3, 3}, new int[] {100, 150}));
        }

        @Test
        void ofBranchesBeyondBetaIsNot() {
            assertFalse(secondLayerIsParallel(new int[] {3, 3}, new int[] {100, 151}));
        }

        @Test
        void withABranchOfTwoOperatorsIsNot() {
            assertFalse(secondLayerIsParallel(new int[] {3, 2}, new int[] {100, 150}));
        }

        @Test
        void withABranchThatComputesNothingIsNot() {
            assertFalse(secondLayerIsParallel(new int[] {3, 3}, new int[] {0, 0}));
        }

        @Test
        void ofOneBranchIsNot() {
            assertFalse(planOnCpu(fork(new int[] {3}, new int[] {100}), OPTIONS).layers().get(0).parallel());
        }
    }

    @Test
    void anEmptyGraphHasNoBranches() {
        ModelGraph empty = new ModelGraph("empty", List.of(), List.of(), List.of(), Map.of(), Map.of());

        assertEquals(List.of(), planOnCpu(empty, BranchOptions.paper()).layers());
    }

    @Test
    void optionsThatMeanNothingAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new BranchOptions(0.9, 3));
        assertThrows(IllegalArgumentException.class, () -> new BranchOptions(Double.NaN, 3));
        assertThrows(IllegalArgumentException.class, () -> new BranchOptions(1.5, 0));
    }

    @Test
    void unitsAreCountedByWhatTheyDoToTheFlow() {
        // 0 -> 1 -> {2, 3} -> 4 -> 5 and an If.
        ModelGraph diamond = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(1), List.of(2, 3), List.of(4)));

        Map<UnitClass, Integer> census =
                UnitClass.census(Partitioner.partition(diamond, OperatorSupport.none(), new DelegationPolicy.Never()));

        assertEquals(Map.of(UnitClass.SOURCE, 1, UnitClass.SPLITTER, 1, UnitClass.SEQUENTIAL, 2, UnitClass.MERGER, 1,
                UnitClass.SINK, 1, UnitClass.SPLIT_MERGE, 0), census);
    }

    @Test
    void everyPromiseHoldsOnTenThousandRandomGraphs() {
        Random random = new Random(31);
        for (int trial = 0; trial < 10_000; trial++) {
            ModelGraph graph = RandomGraphs.ofAnyShape(random, 40);
            OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
            Partition partition = Partitioner.partition(graph, support, new DelegationPolicy.Thresholds(random.nextInt(1, 5), 0, 1e9));
            BranchOptions options = new BranchOptions(1 + random.nextInt(3), random.nextInt(1, 4));
            BranchPlan plan = BranchPlanner.plan(partition, options);

            assertDoesNotThrow(() -> BranchVerifier.verify(plan, options), "trial " + trial);
        }
    }
}
