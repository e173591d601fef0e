package io.parallaxfleet.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.branch.Layer;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryPlannerTest {
    /** Tensors of {@link RandomGraphs#ofReads} have this size. */
    private static final long TENSOR = 256;

    private static final MemoryOptions NO_SHARING = new MemoryOptions(false, false);

    private static BranchPlan onCpu(ModelGraph graph) {
        return BranchPlanner.plan(
                Partitioner.partition(graph, OperatorSupport.none(), new DelegationPolicy.Never()), BranchOptions.paper());
    }

    private static BranchPlan randomPlan(Random random, int mostOperators) {
        ModelGraph graph = RandomGraphs.graph(random, mostOperators);
        OperatorSupport support = RandomGraphs.support(random, graph, random.nextDouble());
        return BranchPlanner.plan(
                Partitioner.partition(graph, support, new DelegationPolicy.Thresholds(3, 0, 1e9)), BranchOptions.paper());
    }

    @Test
    void aChainReusesWhatNobodyReadsAnyMore() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3)));

        MemoryPlan plan = MemoryPlanner.plan(onCpu(chain), MemoryOptions.defaults());

        assertEquals(2 * TENSOR, plan.totalBytes());
        assertEquals(List.of(2 * TENSOR), plan.branchPeakBytes());
        assertEquals(5 * TENSOR, plan.naiveBytes());
    }

    @Test
    void branchesThatMayRunSideBySideShareNothing() {
        // 0 feeds chains 1-2-3 and 4-5-6, which 7 joins.
        BranchPlan fork = onCpu(RandomGraphs.ofReads(List.of(
                List.of(), List.of(0), List.of(1), List.of(2), List.of(0), List.of(4), List.of(5), List.of(3, 6))));

        MemoryPlan plan = MemoryPlanner.plan(fork, MemoryOptions.defaults());

        for (Allocation left : plan.allocations()) {
            for (Allocation right : plan.allocations()) {
                boolean beside = Set.of("t1", "t2", "t3").contains(left.tensor()) && Set.of("t4", "t5", "t6").contains(right.tensor());
                assertTrue(!beside || left.arena() != right.arena() || left.endBytes() <= right.offsetBytes()
                        || right.endBytes() <= left.offsetBytes(), left + " and " + right);
            }
        }
    }

    @Test
    void aLaterBranchTakesOverTheArenaOfOneThatIsOver() {
        // 0 -> 1, 2 -> 3 -> 4, 5 -> 6: the joins make branches that come one after another.
        BranchPlan ladder = onCpu(RandomGraphs.ofReads(List.of(
                List.of(), List.of(0), List.of(0), List.of(1, 2), List.of(3), List.of(3), List.of(4, 5))));

        long shared = MemoryPlanner.plan(ladder, MemoryOptions.defaults()).totalBytes();
        long own = MemoryPlanner.plan(ladder, NO_SHARING).totalBytes();

        assertEquals(7 * TENSOR, own);
        assertEquals(3 * TENSOR, shared);
    }

    @Test
    void aLayerBarrierAllowsSharingThatDependenciesDoNot() {
        // Two independent ladders without a join: only the barrier orders them.
        BranchPlan plan = onCpu(RandomGraphs.ofReads(List.of(
                List.of(), List.of(0), List.of(0), List.of(1, 2), List.of(), List.of(4), List.of(4), List.of(5, 6))));

        long dependencies = MemoryPlanner.plan(plan, new MemoryOptions(true, false)).totalBytes();
        long barrier = MemoryPlanner.plan(plan, new MemoryOptions(true, true)).totalBytes();

        assertTrue(barrier <= dependencies, barrier + " > " + dependencies);
    }

    @Test
    void aGraphOutputIsNeverWrittenOver() {
        TensorType type = TensorType.of(ElementType.FLOAT, 64);
        Map<String, TensorType> types = new HashMap<>(Map.of("in", type));
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            types.put("t" + i, type);
            nodes.add(new Node(i, "n" + i, "", "Relu", List.of(i == 0 ? "in" : "t" + (i - 1)), List.of("t" + i), List.of(), false,
                    Attributes.NONE));
        }
        ModelGraph chain = new ModelGraph("chain", nodes, List.of("in"), List.of("t0", "t4"), types, Map.of());

        MemoryPlan plan = MemoryPlanner.plan(onCpu(chain), MemoryOptions.defaults());

        assertEquals(1, plan.allocations().stream().filter(allocation -> allocation.offsetBytes() == 0).count());
        assertEquals(4, plan.allocations().get(0).lastStep());
    }

    @Test
    void tensorsOfUnknownSizeAreListedWithTheBranchThatWritesThem() {
        List<Node> nodes = List.of(
                new Node(0, "n0", "", "NonZero", List.of("in"), List.of("found"), List.of(), false, Attributes.NONE),
                new Node(1, "n1", "", "Relu", List.of("found"), List.of("out"), List.of(), false, Attributes.NONE));
        ModelGraph graph = new ModelGraph("g", nodes, List.of("in"), List.of("out"),
                Map.of("in", TensorType.of(ElementType.FLOAT, 8), "found", TensorType.of(ElementType.INT64, 1, TensorType.DYNAMIC)),
                Map.of());

        MemoryPlan plan = MemoryPlanner.plan(onCpu(graph), MemoryOptions.defaults());

        assertEquals(Map.of("found", 0, "out", 0), plan.dynamicTensors());
        assertEquals(List.of(), plan.allocations());
    }

    @Test
    void whatStaysInsideADelegatedRegionIsTheDevices() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2)));
        BranchPlan delegated = BranchPlanner.plan(
                Partitioner.partition(chain, (ignored, node) -> true, new DelegationPolicy.Exactly(Set.of(1, 2))),
                BranchOptions.paper());

        MemoryPlan plan = MemoryPlanner.plan(delegated, MemoryOptions.defaults());

        assertEquals(List.of("t0", "t2", "t3"), plan.allocations().stream().map(Allocation::tensor).toList());
    }

    @Test
    void everyPlanOfARandomGraphHolds() {
        Random random = new Random(55);
        for (int trial = 0; trial < 2_000; trial++) {
            BranchPlan plan = randomPlan(random, 40);
            MemoryOptions options = new MemoryOptions(random.nextBoolean(), random.nextBoolean());
            MemoryPlan memory = MemoryPlanner.plan(plan, options);

            assertDoesNotThrow(() -> MemoryVerifier.verify(plan, memory, options), "trial " + trial);
            assertTrue(memory.totalBytes() <= memory.naiveBytes(), "trial " + trial);
        }
    }

    @Test
    void noTensorIsLostInAnyRandomExecution() {
        Random random = new Random(56);
        for (int trial = 0; trial < 500; trial++) {
            BranchPlan plan = randomPlan(random, 30);
            MemoryOptions options = new MemoryOptions(true, random.nextBoolean());
            MemoryPlan memory = MemoryPlanner.plan(plan, options);

            assertEquals(List.of(), execution(random, plan, memory, options.layerBarrier()).lostTensors(), "trial " + trial);
        }
    }

    /** The arenas one after another, each step waiting for the one before it in its branch or for what the branch waits for. */
    private static RandomExecution execution(Random random, BranchPlan plan, MemoryPlan memory, boolean barrier) {
        List<List<Integer>> predecessors = new ArrayList<>();
        Map<Integer, Integer> stepOfNode = new HashMap<>();
        Map<Integer, Integer> lastStep = new HashMap<>();
        for (Branch branch : plan.branches()) {
            for (int position = 0; position < branch.units().size(); position++) {
                int step = predecessors.size();
                branch.units().get(position).nodes().forEach(node -> stepOfNode.put(node, step));
                List<Integer> waitsFor = barrier
                        ? plan.layers().stream().filter(layer -> layer.index() < branch.layer()).map(Layer::branches)
                                .flatMap(List::stream).toList()
                        : branch.predecessors();
                predecessors.add(position > 0 ? List.of(step - 1) : waitsFor.stream().map(lastStep::get).toList());
                lastStep.put(branch.index(), step);
            }
        }
        long[] base = new long[memory.arenaBytes().size() + 1];
        for (int arena = 0; arena < memory.arenaBytes().size(); arena++) {
            base[arena + 1] = base[arena] + memory.arenaBytes().get(arena);
        }
        RandomExecution execution = new RandomExecution(random, predecessors, (int) (memory.totalBytes() / 64));
        for (Allocation allocation : memory.allocations()) {
            Set<Integer> readers = new HashSet<>();
            plan.graph().consumers(allocation.tensor()).forEach(node -> readers.add(stepOfNode.get(node)));
            readers.remove(allocation.firstStep());
            execution.store(allocation.tensor(), (int) ((base[allocation.arena()] + allocation.offsetBytes()) / 64),
                    (int) (Arena.align(allocation.bytes()) / 64), allocation.firstStep(), readers,
                    plan.graph().outputs().contains(allocation.tensor()));
        }
        return execution;
    }

    @Test
    void theSameChainInOneSessionIsTheBaseline() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3)));

        assertEquals(2 * TENSOR, OneSessionBaseline.bytes(chain));
    }

    @Test
    void oneSessionNeverTakesMoreThanABufferForEachTensor() {
        Random random = new Random(57);
        for (int trial = 0; trial < 500; trial++) {
            ModelGraph graph = RandomGraphs.graph(random, 60);

            assertTrue(OneSessionBaseline.bytes(graph) <= MemoryPlanner.plan(onCpu(graph), NO_SHARING).naiveBytes());
        }
    }
}
