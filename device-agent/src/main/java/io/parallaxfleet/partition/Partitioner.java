package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts a graph into candidate delegate regions and lets a policy judge them (Parallax, Section 3.1).
 *
 * <p>An operator is eligible when the accelerator supports it, it holds no sub-graph and the shapes of all its tensors are
 * static; under {@link DelegationPolicy.Exactly} only listed operators are eligible. Guarantees:
 *
 * <ul>
 *   <li>every eligible operator is in exactly one candidate, every other operator in none;
 *   <li>each candidate is connected by producer-consumer edges and convex: no path leaves it and comes back;
 *   <li>contracting all candidates at once leaves an acyclic graph, so any subset of them can be delegated together;
 *   <li>the candidates are maximal: no two of them, and no larger family whose union is connected, could be contracted into
 *       one and still leave an acyclic graph. (Pairs suffice. In a family that could be contracted take any member with a
 *       successor in the family, and its topologically first one: a second path between the two would have to leave the family
 *       and come back.) They need not be of maximum size: a different choice may give a larger single region.
 * </ul>
 *
 * First, eligible operators are joined with their neighbours of the same level (how often a path to them left and re-entered
 * eligible operators, at most); then adjacent candidates are merged while no second path joins them. Regions are ordered by their first operator; equal inputs give equal partitions. Cost: O(V + E) for the
 * first step; the second searches, for each pair of adjacent candidates, only the part of the graph between them.
 */
public final class Partitioner {
    private Partitioner() {}

    /** Candidates of the graph, each with the policy's verdict. */
    public static Partition partition(ModelGraph graph, OperatorSupport support, DelegationPolicy policy) {
        List<Verdict> verdicts = candidates(graph, support, policy).stream().map(policy::judge).toList();
        return new Partition(graph, policy, verdicts);
    }

    /** Candidate regions without a judgement, in region order. */
    static List<Region> candidates(ModelGraph graph, OperatorSupport support, DelegationPolicy policy) {
        BitSet eligible = Eligibility.of(graph, support);
        if (policy instanceof DelegationPolicy.Exactly exactly) {
            for (int node = eligible.nextSetBit(0); node >= 0; node = eligible.nextSetBit(node + 1)) {
                eligible.set(node, exactly.nodes().contains(node));
            }
        }
        Contraction contraction = new Contraction(edges(graph), sameLevelNeighbours(graph, eligible));
        mergeAdjacent(contraction, eligible);

        Map<Integer, List<Integer>> members = new TreeMap<>();
        Map<Integer, Integer> regionOfCluster = new TreeMap<>();
        for (int node = eligible.nextSetBit(0); node >= 0; node = eligible.nextSetBit(node + 1)) {
            int region = regionOfCluster.computeIfAbsent(contraction.cluster(node), cluster -> regionOfCluster.size());
            members.computeIfAbsent(region, key -> new ArrayList<>()).add(node);
        }
        List<Region> regions = new ArrayList<>();
        members.forEach((index, nodes) -> regions.add(describe(graph, index, nodes)));
        return regions;
    }

    /** The region of the given operators, ascending, with its boundary, F and B. */
    static Region describe(ModelGraph graph, int index, List<Integer> nodes) {
        BitSet inside = new BitSet(graph.size());
        nodes.forEach(inside::set);
        Set<String> graphOutputs = Set.copyOf(graph.outputs());
        Set<String> inputs = new LinkedHashSet<>();
        Set<String> outputs = new LinkedHashSet<>();
        long macs = 0;
        for (int operator : nodes) {
            Node node = graph.node(operator);
            macs += graph.macs(operator);
            node.reads()
                    .filter(tensor -> !graph.isInitializer(tensor) && !inside.get(graph.producer(tensor).orElse(graph.size())))
                    .forEach(inputs::add);
            node.writes()
                    .filter(tensor -> graphOutputs.contains(tensor)
                            || graph.consumers(tensor).stream().anyMatch(consumer -> !inside.get(consumer)))
                    .forEach(outputs::add);
        }
        long bytes = 0;
        for (Set<String> side : List.of(inputs, outputs)) {
            for (String tensor : side) {
                bytes += graph.type(tensor).orElseThrow().bytes();
            }
        }
        return new Region(index, nodes, List.copyOf(inputs), List.copyOf(outputs), macs, bytes);
    }

    private static List<List<Integer>> edges(ModelGraph graph) {
        List<List<Integer>> edges = new ArrayList<>(graph.size());
        for (int node = 0; node < graph.size(); node++) {
            edges.add(graph.successors(node));
        }
        return edges;
    }

    /**
     * A cluster label for each operator. The level of an eligible operator is the most often that a path to it goes from one
     * eligible operator over ineligible ones to another; an ineligible operator has the highest level before it, or -1.
     * Along an edge the level never falls, and at one level an ineligible operator only ever follows an eligible one: joining
     * eligible neighbours of one level leaves no cycle.
     */
    private static int[] sameLevelNeighbours(ModelGraph graph, BitSet eligible) {
        int[] level = new int[graph.size()];
        int[] label = new int[graph.size()];
        for (int node = 0; node < graph.size(); node++) {
            label[node] = node;
            level[node] = eligible.get(node) ? 0 : -1;
            for (int before : graph.predecessors(node)) {
                boolean enters = eligible.get(node) && !eligible.get(before);
                level[node] = Math.max(level[node], level[before] + (enters ? 1 : 0));
            }
        }
        for (int node = 0; node < graph.size(); node++) {
            for (int before : graph.predecessors(node)) {
                if (eligible.get(node) && eligible.get(before) && level[node] == level[before]) {
                    label[root(label, node)] = root(label, before);
                }
            }
        }
        for (int node = 0; node < graph.size(); node++) {
            label[node] = root(label, node);
        }
        return label;
    }

    private static int root(int[] label, int node) {
        int at = node;
        while (label[at] != at) {
            label[at] = label[label[at]];
            at = label[at];
        }
        return at;
    }

    private static void mergeAdjacent(Contraction contraction, BitSet eligible) {
        for (int node = eligible.nextSetBit(0); node >= 0; node = eligible.nextSetBit(node + 1)) {
            // One pass over the clusters is enough. A merge can only free edges of the merged cluster (any other blocking path
            // is still there), and those are tried before the next cluster is looked at.
            while (mergeNeighbours(contraction, eligible, contraction.cluster(node))) {
                continue;
            }
        }
    }

    private static boolean mergeNeighbours(Contraction contraction, BitSet eligible, int cluster) {
        boolean merged = false;
        for (int next : List.copyOf(contraction.successors(cluster))) {
            // An earlier merge of this pass may have made the neighbour part of the cluster or no longer a successor of it.
            merged |= eligible.get(next) && contraction.successors(cluster).contains(next) && contraction.merge(cluster, next);
        }
        for (int before : List.copyOf(contraction.predecessors(cluster))) {
            if (eligible.get(before) && contraction.predecessors(cluster).contains(before) && contraction.merge(before, cluster)) {
                return true;
            }
        }
        return merged;
    }
}
