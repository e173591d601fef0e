package io.parallaxfleet.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Immutable operator DAG of one model with bound input shapes. Nodes are in topological order: {@code nodes().get(i).index()
 * == i} and every tensor is produced before it is read. Thread-safe.
 */
public final class ModelGraph {
    private final String name;
    private final List<Node> nodes;
    private final List<String> inputs;
    private final List<String> outputs;
    private final Map<String, TensorType> types;
    private final Map<String, TensorType> initializers;
    private final long[] macs;
    private final Map<String, Integer> producers = new HashMap<>();
    private final Map<String, List<Integer>> consumers = new HashMap<>();
    private final List<List<Integer>> successors;
    private final List<List<Integer>> predecessors;

    /**
     * @param inputs graph inputs that a caller feeds, initialisers not among them
     * @param types types of every tensor that is known; tensors with an unknown rank are absent
     * @param initializers types of the constant tensors
     * @throws IllegalArgumentException when an index is off, a tensor is written twice, read before it is written, or an
     *     output is written by nobody
     */
    public ModelGraph(
            String name,
            List<Node> nodes,
            List<String> inputs,
            List<String> outputs,
            Map<String, TensorType> types,
            Map<String, TensorType> initializers) {
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
        Map<String, TensorType> all = new HashMap<>(types);
        all.putAll(initializers);
        this.types = Collections.unmodifiableMap(all);

        List<Set<Integer>> after = new ArrayList<>();
        List<Set<Integer>> before = new ArrayList<>();
        Set<String> known = new LinkedHashSet<>(inputs);
        known.addAll(initializers.keySet());
        for (int i = 0; i < this.nodes.size(); i++) {
            Node node = this.nodes.get(i);
            if (node.index() != i) {
                throw new IllegalArgumentException("node '" + node.name() + "' stands at " + i + " with index " + node.index());
            }
            Set<Integer> predecessorsOfNode = new TreeSet<>();
            for (String tensor : (Iterable<String>) node.reads().distinct()::iterator) {
                if (!known.contains(tensor)) {
                    throw new IllegalArgumentException("node '" + node.name() + "' (" + node.opType() + ") reads '" + tensor
                            + "', which nothing before it provides");
                }
                consumers.computeIfAbsent(tensor, key -> new ArrayList<>()).add(i);
                Integer producer = producers.get(tensor);
                if (producer != null) {
                    predecessorsOfNode.add(producer);
                    after.get(producer).add(i);
                }
            }
            for (String tensor : (Iterable<String>) node.writes()::iterator) {
                if (!known.add(tensor)) {
                    throw new IllegalArgumentException("node '" + node.name() + "' writes '" + tensor + "', which exists already");
                }
                producers.put(tensor, i);
            }
            after.add(new TreeSet<>());
            before.add(predecessorsOfNode);
        }
        for (String output : outputs) {
            if (!known.contains(output)) {
                throw new IllegalArgumentException("graph output '" + output + "' is produced by no node");
            }
        }
        this.successors = after.stream().map(List::copyOf).toList();
        this.predecessors = before.stream().map(List::copyOf).toList();
        this.macs = new long[this.nodes.size()];
        for (Node node : this.nodes) {
            macs[node.index()] = MacEstimate.of(node, this.types);
        }
    }

    public String name() {
        return name;
    }

    public List<Node> nodes() {
        return nodes;
    }

    public Node node(int index) {
        return nodes.get(index);
    }

    public int size() {
        return nodes.size();
    }

    public List<String> inputs() {
        return inputs;
    }

    public List<String> outputs() {
        return outputs;
    }

    /** Types of the constant tensors by name. */
    public Map<String, TensorType> initializers() {
        return initializers;
    }

    public boolean isInitializer(String tensor) {
        return initializers.containsKey(tensor);
    }

    /** The tensor's type; empty where even its rank is unknown before the run. */
    public Optional<TensorType> type(String tensor) {
        return Optional.ofNullable(types.get(tensor));
    }

    /** Index of the node that writes the tensor; empty for graph inputs and initialisers. */
    public OptionalInt producer(String tensor) {
        Integer producer = producers.get(tensor);
        return producer == null ? OptionalInt.empty() : OptionalInt.of(producer);
    }

    /** Indices of the nodes that read the tensor, ascending. */
    public List<Integer> consumers(String tensor) {
        return Collections.unmodifiableList(consumers.getOrDefault(tensor, List.of()));
    }

    /** Distinct nodes that read an output of this node, ascending. */
    public List<Integer> successors(int node) {
        return successors.get(node);
    }

    /** Distinct nodes whose outputs this node reads, ascending. */
    public List<Integer> predecessors(int node) {
        return predecessors.get(node);
    }

    /** Estimated multiply-accumulates of one run of the node; see {@link MacEstimate}. */
    public long macs(int node) {
        return macs[node];
    }

    /** Sum of {@link #macs(int)} over all nodes. */
    public long totalMacs() {
        long total = 0;
        for (long nodeMacs : macs) {
            total += nodeMacs;
        }
        return total;
    }
}
