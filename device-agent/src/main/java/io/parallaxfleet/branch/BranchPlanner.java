package io.parallaxfleet.branch;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.Partition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Cuts a partitioned graph into branches and layers (Parallax, Section 3.2 with its errata).
 *
 * <p>A kept region is one unit, every other operator its own. Every unit is in exactly one branch: a chain extends u→v iff v is
 * the only unit that reads u, u is the only unit that v reads, and both are on the CPU; a delegated region is a branch of its
 * own. Layers are the topological levels of the branch graph; branches of one layer never depend on one another. A layer is
 * parallel iff it has at least two branches, each of at least {@code minOperators} operators, and F_max/F_min &lt;= β; with
 * F_min = 0 the ratio has no meaning and a branch that computes nothing is not worth a hand-over, so the layer is not parallel.
 *
 * <p>Branches are numbered by layer, then by first operator; equal inputs give equal plans. O(V + E) up to the sorting of each
 * branch's predecessors.
 */
public final class BranchPlanner {
    private final ModelGraph graph;
    private final UnitGraph units;
    /** Chains in order of their first unit. */
    private final List<List<Integer>> chains = new ArrayList<>();
    private final int[] chainOfUnit;

    private BranchPlanner(Partition partition) {
        graph = partition.graph();
        units = UnitGraph.of(partition);
        chainOfUnit = new int[units.size()];
    }

    public static BranchPlan plan(Partition partition, BranchOptions options) {
        BranchPlanner planner = new BranchPlanner(partition);
        planner.findChains();
        List<List<Integer>> chainsOfLayer = planner.levels();
        List<Branch> branches = planner.branches(chainsOfLayer);
        return new BranchPlan(partition, branches, layers(branches, chainsOfLayer.size(), options));
    }

    private void findChains() {
        for (int head = 0; head < units.size(); head++) {
            if (units.continuesChain(head)) {
                continue;
            }
            List<Integer> chain = new ArrayList<>();
            for (int unit = head; ; unit = units.successors(unit).get(0)) {
                chainOfUnit[unit] = chains.size();
                chain.add(unit);
                if (units.successors(unit).size() != 1 || !units.continuesChain(units.successors(unit).get(0))) {
                    break;
                }
            }
            chains.add(chain);
        }
    }

    /** Kahn's levels: the chains of each layer, ascending. */
    private List<List<Integer>> levels() {
        List<Set<Integer>> before = new ArrayList<>();
        List<List<Integer>> after = new ArrayList<>();
        chains.forEach(chain -> after.add(new ArrayList<>()));
        for (int chain = 0; chain < chains.size(); chain++) {
            // Only the head of a chain reads from outside: whoever follows has the one before it as its only predecessor.
            Set<Integer> sources = new LinkedHashSet<>();
            units.predecessors(chains.get(chain).get(0)).forEach(unit -> sources.add(chainOfUnit[unit]));
            for (int source : sources) {
                after.get(source).add(chain);
            }
            before.add(sources);
        }
        int[] layer = new int[chains.size()];
        int[] waiting = new int[chains.size()];
        Deque<Integer> ready = new ArrayDeque<>();
        for (int chain = 0; chain < chains.size(); chain++) {
            waiting[chain] = before.get(chain).size();
            if (waiting[chain] == 0) {
                ready.add(chain);
            }
        }
        int reached = 0;
        int layers = 0;
        while (!ready.isEmpty()) {
            int chain = ready.remove();
            reached++;
            layers = Math.max(layers, layer[chain] + 1);
            for (int next : after.get(chain)) {
                layer[next] = Math.max(layer[next], layer[chain] + 1);
                if (--waiting[next] == 0) {
                    ready.add(next);
                }
            }
        }
        if (reached != chains.size()) {
            throw new IllegalArgumentException("the delegated regions wait for one another in a circle");
        }
        List<List<Integer>> chainsOfLayer = new ArrayList<>();
        for (int index = 0; index < layers; index++) {
            chainsOfLayer.add(new ArrayList<>());
        }
        for (int chain = 0; chain < chains.size(); chain++) {
            chainsOfLayer.get(layer[chain]).add(chain);
        }
        return chainsOfLayer;
    }

    private List<Branch> branches(List<List<Integer>> chainsOfLayer) {
        int[] branchOfChain = new int[chains.size()];
        int numbered = 0;
        for (List<Integer> layer : chainsOfLayer) {
            for (int chain : layer) {
                branchOfChain[chain] = numbered++;
            }
        }
        Set<String> graphOutputs = new HashSet<>(graph.outputs());
        List<Branch> branches = new ArrayList<>();
        for (int layer = 0; layer < chainsOfLayer.size(); layer++) {
            for (int chain : chainsOfLayer.get(layer)) {
                branches.add(branch(branches.size(), layer, chains.get(chain), branchOfChain, graphOutputs));
            }
        }
        return branches;
    }

    private Branch branch(int index, int layer, List<Integer> chain, int[] branchOfChain, Set<String> graphOutputs) {
        List<Unit> members = chain.stream().map(units::unit).toList();
        Set<Integer> inside = new HashSet<>();
        members.forEach(unit -> inside.addAll(unit.nodes()));
        Set<String> inputs = new LinkedHashSet<>();
        Set<String> outputs = new LinkedHashSet<>();
        long macs = 0;
        for (Unit unit : members) {
            for (int node : unit.nodes()) {
                macs += graph.macs(node);
                graph.node(node).reads()
                        .filter(tensor -> !graph.isInitializer(tensor) && !inside.contains(graph.producer(tensor).orElse(-1)))
                        .forEach(inputs::add);
                graph.node(node).writes()
                        .filter(tensor -> graphOutputs.contains(tensor) || !inside.containsAll(graph.consumers(tensor)))
                        .forEach(outputs::add);
            }
        }
        Set<Integer> predecessors = new TreeSet<>();
        units.predecessors(chain.get(0)).forEach(unit -> predecessors.add(branchOfChain[chainOfUnit[unit]]));
        long boundaryBytes = Stream.concat(inputs.stream(), outputs.stream())
                .flatMap(tensor -> graph.type(tensor).stream())
                .filter(TensorType::isStatic)
                .mapToLong(TensorType::bytes)
                .sum();
        return new Branch(index, layer, members, List.copyOf(inputs), List.copyOf(outputs), macs, boundaryBytes,
                List.copyOf(predecessors));
    }

    private static List<Layer> layers(List<Branch> branches, int count, BranchOptions options) {
        List<List<Branch>> members = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            members.add(new ArrayList<>());
        }
        branches.forEach(branch -> members.get(branch.layer()).add(branch));
        List<Layer> layers = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            layers.add(new Layer(layer, members.get(layer).stream().map(Branch::index).toList(),
                    mayRunSideBySide(members.get(layer), options)));
        }
        return layers;
    }

    private static boolean mayRunSideBySide(List<Branch> branches, BranchOptions options) {
        long most = branches.stream().mapToLong(Branch::macs).max().orElse(0);
        long least = branches.stream().mapToLong(Branch::macs).min().orElse(0);
        return branches.size() >= 2
                && branches.stream().allMatch(branch -> branch.operators() >= options.minOperators())
                && least > 0
                && most <= options.beta() * least;
    }
}
