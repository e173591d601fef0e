package io.parallaxfleet.branch;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import java.util.List;
import org.junit.jupiter.api.Test;

class BranchVerifierTest {
    /** 0 -> 1 and 0 -> 2, all tensors 256 bytes and 64 MACs. */
    private static final ModelGraph FORK = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0)));
    private static final Branch ROOT = branch(0, 0, List.of(0), List.of("in"), List.of("t0"), List.of());
    private static final Branch LEFT = branch(1, 1, List.of(1), List.of("t0"), List.of("t1"), List.of(0));
    private static final Branch RIGHT = branch(2, 1, List.of(2), List.of("t0"), List.of("t2"), List.of(0));
    private static final List<Layer> LAYERS = List.of(new Layer(0, List.of(0), false), new Layer(1, List.of(1, 2), false));

    private static Branch branch(
            int index, int layer, List<Integer> nodes, List<String> inputs, List<String> outputs, List<Integer> predecessors) {
        List<Unit> units = nodes.stream().<Unit>map(node -> new Unit.CpuOperator(FORK.node(node))).toList();
        return new Branch(index, layer, units, inputs, outputs, 64L * nodes.size(), 512, predecessors);
    }

    private static void assertRejected(String why, List<Branch> branches, List<Layer> layers) {
        Partition partition = Partitioner.partition(FORK, OperatorSupport.none(), new DelegationPolicy.Never());
        BranchPlan broken = new BranchPlan(partition, branches, layers);
        String message = assertThrows(IllegalStateException.class, () -> BranchVerifier.verify(broken, BranchOptions.paper()))
                .getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void acceptsTheRightPlan() {
        Partition partition = Partitioner.partition(FORK, OperatorSupport.none(), new DelegationPolicy.Never());

        BranchVerifier.verify(new BranchPlan(partition, List.of(ROOT, LEFT, RIGHT), LAYERS), BranchOptions.paper());
    }

    @Test
    void rejectsAnOperatorInNoBranch() {
        assertRejected("operator 2 is in no branch", List.of(ROOT, LEFT),
                List.of(LAYERS.get(0), new Layer(1, List.of(1), false)));
    }

    @Test
    void rejectsAnOperatorInTwoBranches() {
        assertRejected("operator 1 is in branches 1 and 2",
                List.of(ROOT, LEFT, branch(2, 1, List.of(1), List.of("t0"), List.of("t1"), List.of(0))), LAYERS);
    }

    @Test
    void rejectsASplitInsideABranch() {
        assertRejected("splits or merges", List.of(
                        branch(0, 0, List.of(0, 1), List.of("in"), List.of("t0", "t1"), List.of()),
                        branch(1, 1, List.of(2), List.of("t0"), List.of("t2"), List.of(0))),
                List.of(new Layer(0, List.of(0), false), new Layer(1, List.of(1), false)));
    }

    @Test
    void rejectsAChainInTwoBranches() {
        ModelGraph chain = RandomGraphs.ofReads(List.of(List.of(), List.of(0)));
        Partition partition = Partitioner.partition(chain, OperatorSupport.none(), new DelegationPolicy.Never());
        BranchPlan cut = new BranchPlan(partition, List.of(
                new Branch(0, 0, List.of(new Unit.CpuOperator(chain.node(0))), List.of("in"), List.of("t0"), 64, 512, List.of()),
                new Branch(1, 1, List.of(new Unit.CpuOperator(chain.node(1))), List.of("t0"), List.of("t1"), 64, 512, List.of(0))),
                List.of(new Layer(0, List.of(0), false), new Layer(1, List.of(1), false)));

        assertTrue(assertThrows(IllegalStateException.class, () -> BranchVerifier.verify(cut, BranchOptions.paper()))
                .getMessage().contains("are one chain"));
    }

    @Test
    void rejectsAMissingPredecessor() {
        assertRejected("waits for", List.of(ROOT, LEFT, branch(2, 1, List.of(2), List.of("t0"), List.of("t2"), List.of())), LAYERS);
    }

    @Test
    void rejectsALayerThatIsNotTheLevel() {
        assertRejected("is in layer 2, not 1",
                List.of(ROOT, LEFT, branch(2, 2, List.of(2), List.of("t0"), List.of("t2"), List.of(0))),
                List.of(LAYERS.get(0), new Layer(1, List.of(1), false), new Layer(2, List.of(2), false)));
    }

    @Test
    void rejectsAParallelLayerOfSmallBranches() {
        assertRejected("parallel = true", List.of(ROOT, LEFT, RIGHT), List.of(LAYERS.get(0), new Layer(1, List.of(1, 2), true)));
    }

    @Test
    void rejectsADelegatedRegionThatIsRunOnTheCpu() {
        Partition partition = Partitioner.partition(FORK, (graph, node) -> true, new DelegationPolicy.Thresholds(1, 0, 1e9));
        BranchPlan broken = new BranchPlan(partition, List.of(ROOT, LEFT, RIGHT), LAYERS);

        assertTrue(assertThrows(IllegalStateException.class, () -> BranchVerifier.verify(broken, BranchOptions.paper()))
                .getMessage().contains("no branch of their own"));
    }
}
