package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Proves what {@link Partitioner} promises, by other means: reachability sets and tensor-by-tensor boundaries. Each method
 * returns quietly or throws {@link IllegalStateException} that says which region breaks which rule. Cost: O(V·E / 64) and
 * O(V² / 8) bytes; for tests and debug runs.
 */
public final class PartitionVerifier {
    private final ModelGraph graph;
    private final List<Region> regions;
    /** Candidate region of each operator, -1 for none. */
    private final int[] regionOf;
    /** Operators that each operator leads to. */
    private final BitSet[] descendants;

    private PartitionVerifier(Partition partition) {
        graph = partition.graph();
        regions = partition.verdicts().stream().map(Verdict::region).toList();
        regionOf = new int[graph.size()];
        Arrays.fill(regionOf, -1);
        descendants = new BitSet[graph.size()];
        for (int node = graph.size() - 1; node >= 0; node--) {
            descendants[node] = new BitSet(graph.size());
            for (int next : graph.successors(node)) {
                descendants[node].set(next);
                descendants[node].or(descendants[next]);
            }
        }
    }

    /** Disjoint, connected, convex, acyclic together, static, described rightly and judged by the partition's policy. */
    public static void verify(Partition partition) {
        PartitionVerifier verifier = new PartitionVerifier(partition);
        verifier.requireDisjoint();
        for (Region region : verifier.regions) {
            verifier.requireConnected(region);
            verifier.requireConvex(region);
            verifier.requireStatic(region);
            verifier.requireDescription(region);
        }
        verifier.requireAcyclicQuotient();
        for (Verdict verdict : partition.verdicts()) {
            require(partition.policy().judge(verdict.region()).equals(verdict), verdict.region(),
                    "has a verdict that is not the policy's: " + verdict.reason());
        }
    }

    /**
     * Also that every operator of a region is supported, every eligible operator is in a region, and no two adjacent regions
     * could be one.
     */
    public static void verify(Partition partition, OperatorSupport support) {
        verify(partition);
        PartitionVerifier verifier = new PartitionVerifier(partition);
        verifier.requireDisjoint();
        verifier.requireExactlyTheEligible(partition.policy(), support);
        verifier.requireMaximal();
    }

    private static void require(boolean holds, Region region, String rule) {
        if (!holds) {
            throw new IllegalStateException("region " + region.index() + " " + rule);
        }
    }

    private void requireDisjoint() {
        for (int position = 0; position < regions.size(); position++) {
            Region region = regions.get(position);
            require(region.index() == position, region, "stands at position " + position);
            int previous = -1;
            for (int node : region.nodes()) {
                require(node > previous, region, "lists its operators out of order at " + node);
                require(node < graph.size(), region, "has operator " + node + " of a graph of " + graph.size());
                require(regionOf[node] < 0, region, "shares operator " + node + " with region " + regionOf[node]);
                regionOf[node] = position;
                previous = node;
            }
        }
    }

    private void requireConnected(Region region) {
        Set<Integer> inside = new HashSet<>(region.nodes());
        Deque<Integer> open = new ArrayDeque<>(List.of(region.nodes().get(0)));
        Set<Integer> seen = new HashSet<>(open);
        while (!open.isEmpty()) {
            int node = open.pop();
            for (List<Integer> side : List.of(graph.successors(node), graph.predecessors(node))) {
                for (int neighbour : side) {
                    if (inside.contains(neighbour) && seen.add(neighbour)) {
                        open.push(neighbour);
                    }
                }
            }
        }
        require(seen.size() == inside.size(), region, "is not connected: " + seen.size() + " of " + inside.size()
                + " operators hang together");
    }

    private void requireConvex(Region region) {
        BitSet inside = members(region);
        BitSet below = new BitSet(graph.size());
        region.nodes().forEach(node -> below.or(descendants[node]));
        below.andNot(inside);
        below.stream().forEach(node -> require(!descendants[node].intersects(inside), region,
                "is not convex: a path leaves it and comes back over operator " + node));
    }

    private static BitSet members(Region region) {
        BitSet inside = new BitSet();
        region.nodes().forEach(inside::set);
        return inside;
    }

    private void requireStatic(Region region) {
        for (int node : region.nodes()) {
            require(Eligibility.hasStaticDataFlow(graph, graph.node(node)), region,
                    "holds operator " + node + ", which has a sub-graph or a data-dependent shape");
        }
    }

    private void requireDescription(Region region) {
        Set<String> inputs = new HashSet<>();
        Set<String> outputs = new HashSet<>();
        BitSet inside = members(region);
        long macs = 0;
        for (Node node : graph.nodes()) {
            boolean readerInside = inside.get(node.index());
            macs += readerInside ? graph.macs(node.index()) : 0;
            for (String tensor : node.reads().toList()) {
                boolean writerInside = graph.producer(tensor).isPresent() && inside.get(graph.producer(tensor).getAsInt());
                if (readerInside && !writerInside && !graph.isInitializer(tensor)) {
                    inputs.add(tensor);
                } else if (!readerInside && writerInside) {
                    outputs.add(tensor);
                }
            }
        }
        for (String tensor : graph.outputs()) {
            if (graph.producer(tensor).isPresent() && inside.get(graph.producer(tensor).getAsInt())) {
                outputs.add(tensor);
            }
        }
        requireSame(region, "inputs", region.inputs(), inputs);
        requireSame(region, "outputs", region.outputs(), outputs);
        require(region.macs() == macs, region, "says F = " + region.macs() + ", its operators make " + macs);
        long bytes = 0;
        for (String tensor : inputs) {
            bytes += graph.type(tensor).orElseThrow().bytes();
        }
        for (String tensor : outputs) {
            bytes += graph.type(tensor).orElseThrow().bytes();
        }
        require(region.boundaryBytes() == bytes, region, "says B = " + region.boundaryBytes() + ", its boundary makes " + bytes);
    }

    private static void requireSame(Region region, String what, List<String> said, Set<String> found) {
        require(said.size() == found.size() && found.containsAll(said), region,
                "says its " + what + " are " + said + ", they are " + new TreeSet<>(found));
    }

    /** Depth-first colouring of the graph with every candidate contracted. */
    private void requireAcyclicQuotient() {
        List<Set<Integer>> edges = quotient();
        int[] entered = new int[edges.size()];
        boolean[] left = new boolean[edges.size()];
        for (int start = 0; start < edges.size(); start++) {
            Deque<Integer> path = new ArrayDeque<>(List.of(start));
            while (!path.isEmpty()) {
                int vertex = path.peek();
                if (left[vertex]) {
                    path.pop();
                    continue;
                }
                if (entered[vertex]++ > 0) {
                    left[vertex] = true;
                    path.pop();
                    continue;
                }
                for (int next : edges.get(vertex)) {
                    if (entered[next] > 0 && !left[next]) {
                        throw new IllegalStateException("contracting all regions leaves a cycle through "
                                + (next < regions.size() ? "region " + next : "operator " + (next - regions.size())));
                    }
                    if (!left[next]) {
                        path.push(next);
                    }
                }
            }
        }
    }

    /** Regions come first, operator i outside them is vertex {@code regions.size() + i}. */
    private List<Set<Integer>> quotient() {
        List<Set<Integer>> edges = new ArrayList<>();
        for (int vertex = 0; vertex < regions.size() + graph.size(); vertex++) {
            edges.add(new TreeSet<>());
        }
        for (int node = 0; node < graph.size(); node++) {
            for (int next : graph.successors(node)) {
                if (vertex(node) != vertex(next)) {
                    edges.get(vertex(node)).add(vertex(next));
                }
            }
        }
        return edges;
    }

    private int vertex(int node) {
        return regionOf[node] >= 0 ? regionOf[node] : regions.size() + node;
    }

    private void requireExactlyTheEligible(DelegationPolicy policy, OperatorSupport support) {
        for (Node node : graph.nodes()) {
            boolean listed = !(policy instanceof DelegationPolicy.Exactly exactly) || exactly.nodes().contains(node.index());
            boolean eligible = listed && support.supports(graph, node) && Eligibility.hasStaticDataFlow(graph, node);
            if (eligible != regionOf[node.index()] >= 0) {
                throw new IllegalStateException("operator " + node.index() + " (" + node.opType() + ") is "
                        + (eligible ? "eligible and in no region" : "not eligible and in region " + regionOf[node.index()]));
            }
        }
    }

    /** Every edge between two regions must have a second path beside it, or the two could be one. */
    private void requireMaximal() {
        List<Set<Integer>> edges = quotient();
        for (int from = 0; from < regions.size(); from++) {
            for (int to : edges.get(from)) {
                if (to < regions.size() && !hasDetour(edges, from, to)) {
                    throw new IllegalStateException("regions " + from + " and " + to + " are adjacent and could be one");
                }
            }
        }
    }

    private static boolean hasDetour(List<Set<Integer>> edges, int from, int to) {
        BitSet seen = new BitSet();
        Deque<Integer> open = new ArrayDeque<>(edges.get(from));
        open.remove(to);
        while (!open.isEmpty()) {
            int vertex = open.pop();
            if (vertex == to) {
                return true;
            }
            if (!seen.get(vertex)) {
                seen.set(vertex);
                open.addAll(edges.get(vertex));
            }
        }
        return false;
    }
}
