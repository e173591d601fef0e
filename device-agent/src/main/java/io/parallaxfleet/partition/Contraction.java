package io.parallaxfleet.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The acyclic quotient of a DAG under contraction of clusters, with a topological order that is repaired locally at each
 * merge. A cluster is named by one of its members, its representative. Not thread-safe.
 */
final class Contraction {
    private final List<Set<Integer>> successors = new ArrayList<>();
    private final List<Set<Integer>> predecessors = new ArrayList<>();
    private final int[] parent;
    /** Clusters in topological order; a merge leaves a hole of -1 behind. */
    private final int[] order;
    /** Position of each representative in {@link #order}. */
    private final int[] rank;

    /**
     * @param edges distinct successors of each vertex
     * @param initial a cluster label for each vertex; contracting equal labels must leave the quotient acyclic
     */
    Contraction(List<List<Integer>> edges, int[] initial) {
        int vertices = edges.size();
        parent = initial.clone();
        order = new int[vertices];
        rank = new int[vertices];
        for (int vertex = 0; vertex < vertices; vertex++) {
            successors.add(new TreeSet<>());
            predecessors.add(new TreeSet<>());
        }
        for (int vertex = 0; vertex < vertices; vertex++) {
            for (int next : edges.get(vertex)) {
                if (initial[vertex] != initial[next]) {
                    successors.get(initial[vertex]).add(initial[next]);
                    predecessors.get(initial[next]).add(initial[vertex]);
                }
            }
        }
        sortTopologically();
    }

    private void sortTopologically() {
        int vertices = parent.length;
        Arrays.fill(order, -1);
        int[] waiting = new int[vertices];
        Deque<Integer> ready = new ArrayDeque<>();
        int clusters = 0;
        for (int vertex = 0; vertex < vertices; vertex++) {
            if (parent[vertex] == vertex) {
                clusters++;
                waiting[vertex] = predecessors.get(vertex).size();
                if (waiting[vertex] == 0) {
                    ready.add(vertex);
                }
            }
        }
        int position = 0;
        while (!ready.isEmpty()) {
            int cluster = ready.remove();
            order[position] = cluster;
            rank[cluster] = position++;
            for (int next : successors.get(cluster)) {
                if (--waiting[next] == 0) {
                    ready.add(next);
                }
            }
        }
        if (position != clusters) {
            throw new IllegalStateException("the initial clusters leave a cycle: " + (clusters - position) + " clusters lie on it or after it");
        }
    }

    /** Representative of the cluster that holds the vertex. */
    int cluster(int vertex) {
        int root = vertex;
        while (parent[root] != root) {
            root = parent[root];
        }
        for (int at = vertex; parent[at] != root; ) {
            int next = parent[at];
            parent[at] = root;
            at = next;
        }
        return root;
    }

    /** Distinct clusters that an edge from this cluster leads to. */
    Collection<Integer> successors(int cluster) {
        return successors.get(cluster);
    }

    /** Distinct clusters with an edge to this cluster. */
    Collection<Integer> predecessors(int cluster) {
        return predecessors.get(cluster);
    }

    /**
     * Merges {@code from} and {@code to}, which an edge joins, unless a second path between them would become a cycle. The
     * merged cluster keeps the name {@code from}.
     *
     * @return whether they were merged
     */
    boolean merge(int from, int to) {
        int first = rank[from];
        int last = rank[to];
        BitSet reached = new BitSet();
        if (hasDetour(from, to, reached)) {
            return false;
        }
        reorder(from, reached, first, last);
        absorb(from, to);
        return true;
    }

    /**
     * Whether a second path leads from {@code from} to {@code to}; it can only run through positions between the two. Where
     * there is none, {@code reached} holds all positions between them that {@code from} reaches.
     */
    private boolean hasDetour(int from, int to, BitSet reached) {
        int last = rank[to];
        Deque<Integer> open = new ArrayDeque<>();
        open.push(from);
        while (!open.isEmpty()) {
            int cluster = open.pop();
            for (int next : successors.get(cluster)) {
                if (next == to && cluster != from) {
                    return true;
                }
                int position = rank[next];
                if (position < last && !reached.get(position)) {
                    reached.set(position);
                    open.push(next);
                }
            }
        }
        return false;
    }

    /**
     * Within the window everything that {@code from} does not reach comes before the merged cluster and everything it reaches
     * after it: none of the latter leads to {@code to}, so this is a topological order again.
     */
    private void reorder(int from, BitSet reached, int first, int last) {
        List<Integer> window = new ArrayList<>(last - first);
        List<Integer> after = new ArrayList<>();
        for (int position = first + 1; position < last; position++) {
            if (order[position] >= 0) {
                (reached.get(position) ? after : window).add(order[position]);
            }
        }
        window.add(from);
        window.addAll(after);
        Arrays.fill(order, first, last + 1, -1);
        int position = first;
        for (int cluster : window) {
            order[position] = cluster;
            rank[cluster] = position++;
        }
    }

    private void absorb(int from, int to) {
        parent[to] = from;
        for (int next : successors.get(to)) {
            predecessors.get(next).remove(to);
            predecessors.get(next).add(from);
            successors.get(from).add(next);
        }
        for (int before : predecessors.get(to)) {
            successors.get(before).remove(to);
            if (before != from) {
                successors.get(before).add(from);
                predecessors.get(from).add(before);
            }
        }
        successors.set(to, Set.of());
        predecessors.set(to, Set.of());
    }
}
