package io.parallaxfleet.branch;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.Region;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Proves what {@link BranchPlanner} promises from the tensors of the graph alone. Returns quietly or throws
 * {@link IllegalStateException} that says which branch or layer breaks which rule. O(V + E) but for the pairs of branches in a
 * layer; for tests and debug runs.
 */
public final class BranchVerifier {
    private final BranchPlan plan;
    private final ModelGraph graph;
    private final int[] branchOf;
    /** First operator of the unit that holds each operator: the unit's name here. */
    private final int[] unitOf;

    private BranchVerifier(BranchPlan plan) {
        this.plan = plan;
        graph = plan.graph();
        branchOf = new int[graph.size()];
        unitOf = new int[graph.size()];
        Arrays.fill(branchOf, -1);
    }

    public static void verify(BranchPlan plan, BranchOptions options) {
        BranchVerifier verifier = new BranchVerifier(plan);
        verifier.requireEveryOperatorOnce();
        verifier.requireRegionsAsUnits();
        List<Found> found = verifier.describe();
        for (Branch branch : plan.branches()) {
            verifier.requireChain(branch);
            verifier.requireDescription(branch, found.get(branch.index()));
        }
        verifier.requireMaximalChains();
        verifier.requireLayers(options);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }

    private void requireEveryOperatorOnce() {
        for (int position = 0; position < plan.branches().size(); position++) {
            Branch branch = plan.branches().get(position);
            require(branch.index() == position, "branch " + branch.index() + " stands at position " + position);
            for (Unit unit : branch.units()) {
                for (int node : unit.nodes()) {
                    require(branchOf[node] < 0, "operator " + node + " is in branches " + branchOf[node] + " and " + position);
                    branchOf[node] = position;
                    unitOf[node] = unit.nodes().get(0);
                }
            }
        }
        for (int node = 0; node < graph.size(); node++) {
            require(branchOf[node] >= 0, "operator " + node + " is in no branch");
        }
    }

    private void requireRegionsAsUnits() {
        Set<List<Integer>> kept = new HashSet<>();
        for (Region region : plan.partition().delegated()) {
            kept.add(region.nodes());
        }
        for (Branch branch : plan.branches()) {
            for (Unit unit : branch.units()) {
                if (unit instanceof Unit.Delegated) {
                    require(branch.units().size() == 1, "branch " + branch.index() + " mixes a delegated region with other units");
                    require(kept.remove(unit.nodes()), "branch " + branch.index() + " delegates what the partition does not");
                }
            }
        }
        require(kept.isEmpty(), "regions " + kept + " are delegated and no branch of their own");
    }

    private Set<Integer> unitsAfter(Unit unit) {
        Set<Integer> after = new TreeSet<>();
        for (int node : unit.nodes()) {
            for (String tensor : graph.node(node).writes().toList()) {
                graph.consumers(tensor).forEach(consumer -> after.add(unitOf[consumer]));
            }
        }
        after.remove(unit.nodes().get(0));
        return after;
    }

    private Set<Integer> unitsBefore(Unit unit) {
        Set<Integer> before = new TreeSet<>();
        for (int node : unit.nodes()) {
            for (String tensor : graph.node(node).reads().toList()) {
                graph.producer(tensor).ifPresent(producer -> before.add(unitOf[producer]));
            }
        }
        before.remove(unit.nodes().get(0));
        return before;
    }

    private void requireChain(Branch branch) {
        for (int position = 1; position < branch.units().size(); position++) {
            Unit from = branch.units().get(position - 1);
            Unit to = branch.units().get(position);
            require(unitsAfter(from).equals(Set.of(to.nodes().get(0))) && unitsBefore(to).equals(Set.of(from.nodes().get(0))),
                    "branch " + branch.index() + " splits or merges between its units " + (position - 1) + " and " + position);
        }
    }

    /** No branch could be continued by the one its last unit leads to. */
    private void requireMaximalChains() {
        for (Branch branch : plan.branches()) {
            Unit last = branch.units().get(branch.units().size() - 1);
            Set<Integer> after = unitsAfter(last);
            if (after.size() == 1 && branch.region().isEmpty()) {
                Branch next = plan.branches().get(branchOf[after.iterator().next()]);
                require(next.region().isPresent() || unitsBefore(next.units().get(0)).size() > 1,
                        "branches " + branch.index() + " and " + next.index() + " are one chain");
            }
        }
    }

    /** What the tensors of the graph say of one branch. */
    private static final class Found {
        private final Set<String> inputs = new HashSet<>();
        private final Set<String> outputs = new HashSet<>();
        private final Set<Integer> predecessors = new TreeSet<>();
        private long macs;
    }

    /** One pass over the tensors for all branches. */
    private List<Found> describe() {
        List<Found> branches = new ArrayList<>();
        plan.branches().forEach(branch -> branches.add(new Found()));
        for (Node node : graph.nodes()) {
            int reader = branchOf[node.index()];
            branches.get(reader).macs += graph.macs(node.index());
            for (String tensor : node.reads().toList()) {
                int writer = writer(tensor);
                if (writer == reader || graph.isInitializer(tensor)) {
                    continue;
                }
                branches.get(reader).inputs.add(tensor);
                if (writer >= 0) {
                    branches.get(reader).predecessors.add(writer);
                    branches.get(writer).outputs.add(tensor);
                }
            }
        }
        for (String tensor : graph.outputs()) {
            if (writer(tensor) >= 0) {
                branches.get(writer(tensor)).outputs.add(tensor);
            }
        }
        return branches;
    }

    /** Branch that writes the tensor; -1 for graph inputs and initialisers. */
    private int writer(String tensor) {
        return graph.producer(tensor).isPresent() ? branchOf[graph.producer(tensor).getAsInt()] : -1;
    }

    private void requireDescription(Branch branch, Found found) {
        Set<String> inputs = found.inputs;
        Set<String> outputs = found.outputs;
        Set<Integer> predecessors = found.predecessors;
        long macs = found.macs;
        String name = "branch " + branch.index();
        require(Set.copyOf(branch.inputs()).equals(inputs) && branch.inputs().size() == inputs.size(),
                name + " says its inputs are " + branch.inputs() + ", they are " + inputs);
        require(Set.copyOf(branch.outputs()).equals(outputs) && branch.outputs().size() == outputs.size(),
                name + " says its outputs are " + branch.outputs() + ", they are " + outputs);
        require(branch.predecessors().equals(List.copyOf(predecessors)),
                name + " says it waits for " + branch.predecessors() + ", it does for " + predecessors);
        require(branch.macs() == macs, name + " says F = " + branch.macs() + ", its operators make " + macs);
        long bytes = knownBytes(inputs) + knownBytes(outputs);
        require(branch.boundaryBytes() == bytes, name + " says B = " + branch.boundaryBytes() + ", its boundary makes " + bytes);
    }

    private long knownBytes(Set<String> tensors) {
        long bytes = 0;
        for (String tensor : tensors) {
            bytes += graph.type(tensor).filter(TensorType::isStatic).map(TensorType::bytes).orElse(0L);
        }
        return bytes;
    }

    private void requireLayers(BranchOptions options) {
        Set<Integer> layered = new HashSet<>();
        for (int index = 0; index < plan.layers().size(); index++) {
            Layer layer = plan.layers().get(index);
            require(layer.index() == index, "layer " + layer.index() + " stands at position " + index);
            require(!layer.branches().isEmpty(), "layer " + index + " is empty");
            for (int branch : layer.branches()) {
                require(layered.add(branch), "branch " + branch + " is in two layers");
                require(plan.branches().get(branch).layer() == index, "branch " + branch + " says it is in another layer than " + index);
            }
            require(layer.parallel() == isParallel(layer, options), "layer " + index + " says parallel = " + layer.parallel());
        }
        require(layered.size() == plan.branches().size(), layered.size() + " of " + plan.branches().size() + " branches are in a layer");
        for (Branch branch : plan.branches()) {
            int level = 0;
            for (int before : branch.predecessors()) {
                require(before < branch.index(), "branch " + branch.index() + " comes before branch " + before + ", which it waits for");
                level = Math.max(level, plan.branches().get(before).layer() + 1);
            }
            require(branch.layer() == level, "branch " + branch.index() + " is in layer " + branch.layer() + ", not " + level);
        }
    }

    private boolean isParallel(Layer layer, BranchOptions options) {
        for (int left : layer.branches()) {
            if (plan.branches().get(left).operators() < options.minOperators()) {
                return false;
            }
            for (int right : layer.branches()) {
                double ratio = (double) plan.branches().get(left).macs() / plan.branches().get(right).macs();
                if (!(ratio <= options.beta())) {
                    return false;
                }
            }
        }
        return layer.branches().size() > 1;
    }
}
