package io.parallaxfleet.graph;

import io.parallaxfleet.partition.OperatorSupport;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Random operator DAGs for property tests: chains, forks, joins, skip connections, several outputs, dynamic shapes, sub-graphs. */
public final class RandomGraphs {
    private static final List<String> OPERATOR_TYPES = List.of("Relu", "Add", "MatMul", "Reshape", "Softmax");

    private RandomGraphs() {}

    /**
     * What the graphs look like.
     *
     * @param operators how many
     * @param chaining probability that an operator reads the tensor written just before it, which makes chains
     * @param dynamic share of tensors with a data-dependent or unknown shape
     * @param controlFlow share of operators that hold a sub-graph
     */
    public record Mix(int operators, double chaining, double dynamic, double controlFlow) {}

    /** A graph of 1 to {@code mostOperators} operators with a random mix. */
    public static ModelGraph graph(RandomGenerator random, int mostOperators) {
        boolean allStatic = random.nextBoolean();
        return graph(random, new Mix(1 + random.nextInt(mostOperators), random.nextDouble(),
                allStatic ? 0 : 0.2 * random.nextDouble(), allStatic ? 0 : 0.1 * random.nextDouble()));
    }

    public static ModelGraph graph(RandomGenerator random, Mix mix) {
        Map<String, TensorType> types = new HashMap<>();
        Map<String, TensorType> initializers = new HashMap<>();
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            inputs.add("in" + i);
            types.put("in" + i, TensorType.of(ElementType.FLOAT, 1, 1 + random.nextInt(512)));
        }
        List<String> readable = new ArrayList<>(inputs);
        Set<String> unread = new LinkedHashSet<>();
        List<Node> nodes = new ArrayList<>();
        for (int index = 0; index < mix.operators(); index++) {
            Set<String> reads = chooseReads(random, mix, readable);
            unread.removeAll(reads);
            List<String> captured = new ArrayList<>();
            boolean controlFlow = random.nextDouble() < mix.controlFlow();
            if (controlFlow && reads.size() > 1) {
                String last = new ArrayList<>(reads).get(reads.size() - 1);
                reads.remove(last);
                captured.add(last);
            }
            List<String> explicit = new ArrayList<>(reads);
            if (random.nextInt(4) == 0) {
                initializers.put("w" + index, TensorType.of(ElementType.FLOAT, 64));
                explicit.add("w" + index);
            }
            if (random.nextInt(10) == 0) {
                explicit.add("");
            }
            List<String> outputs = new ArrayList<>();
            for (int i = 0; i <= (random.nextInt(7) == 0 ? 1 : 0); i++) {
                String tensor = "t" + index + "_" + i;
                outputs.add(tensor);
                declare(random, mix, types, tensor);
            }
            String type = controlFlow ? "If" : OPERATOR_TYPES.get(random.nextInt(OPERATOR_TYPES.size()));
            nodes.add(new Node(index, type + "_" + index, "", type, explicit, outputs, captured, controlFlow, Attributes.NONE));
            readable.addAll(outputs);
            unread.addAll(outputs);
        }
        List<String> graphOutputs = new ArrayList<>(unread);
        String alsoRead = readable.get(random.nextInt(readable.size()));
        if (random.nextInt(3) == 0 && !inputs.contains(alsoRead) && !unread.contains(alsoRead)) {
            graphOutputs.add(alsoRead);
        }
        return new ModelGraph("random", nodes, inputs, graphOutputs, types, initializers);
    }

    private static Set<String> chooseReads(RandomGenerator random, Mix mix, List<String> readable) {
        Set<String> reads = new LinkedHashSet<>();
        if (random.nextDouble() < mix.chaining()) {
            reads.add(readable.get(readable.size() - 1));
        }
        int more = random.nextInt(reads.isEmpty() ? 1 : 0, 3);
        for (int i = 0; i < more; i++) {
            int reach = random.nextBoolean() ? Math.min(readable.size(), 6) : readable.size();
            reads.add(readable.get(readable.size() - 1 - random.nextInt(reach)));
        }
        return reads.isEmpty() ? new LinkedHashSet<>(Set.of(readable.get(0))) : reads;
    }

    private static void declare(RandomGenerator random, Mix mix, Map<String, TensorType> types, String tensor) {
        if (random.nextDouble() >= mix.dynamic()) {
            types.put(tensor, TensorType.of(ElementType.FLOAT, 1, random.nextInt(40) == 0 ? 0 : 1 + random.nextInt(512)));
        } else if (random.nextBoolean()) {
            types.put(tensor, TensorType.of(ElementType.FLOAT, 1, TensorType.DYNAMIC));
        }
    }

    /** An accelerator that runs a random share of the operators. */
    public static OperatorSupport support(RandomGenerator random, ModelGraph graph, double share) {
        BitSet supported = new BitSet();
        for (int node = 0; node < graph.size(); node++) {
            supported.set(node, random.nextDouble() < share);
        }
        return (ignored, node) -> supported.get(node.index());
    }

    /**
     * A graph by its edges, for tests that need one shape: operator i reads the outputs of the listed operators, or the graph
     * input where none is listed; every tensor is 64 floats, operators nobody reads are graph outputs.
     */
    public static ModelGraph ofReads(List<List<Integer>> reads) {
        Map<String, TensorType> types = new HashMap<>();
        types.put("in", TensorType.of(ElementType.FLOAT, 64));
        List<Node> nodes = new ArrayList<>();
        Set<String> unread = new LinkedHashSet<>();
        for (int index = 0; index < reads.size(); index++) {
            List<String> inputs = reads.get(index).isEmpty()
                    ? List.of("in")
                    : reads.get(index).stream().map(producer -> "t" + producer).toList();
            inputs.forEach(unread::remove);
            unread.add("t" + index);
            types.put("t" + index, TensorType.of(ElementType.FLOAT, 64));
            nodes.add(new Node(index, "Relu_" + index, "", "Relu", inputs, List.of("t" + index), List.of(), false, Attributes.NONE));
        }
        return new ModelGraph("drawn", nodes, List.of("in"), List.copyOf(unread), types, Map.of());
    }
}
