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

    /**
     * A graph of 1 to about {@code mostOperators} operators in one of the shapes that planners find hard: diamonds, ladders with
     * long skips, wide fans with many outputs, grids, or a random mix; some with dynamic shapes, several outputs an operator and
     * sub-graphs that capture outer tensors.
     */
    public static ModelGraph ofAnyShape(RandomGenerator random, int mostOperators) {
        int size = 1 + random.nextInt(mostOperators);
        return switch (random.nextInt(5)) {
            case 0 -> dressed(random, diamonds(random, size));
            case 1 -> dressed(random, ladder(random, size));
            case 2 -> dressed(random, fan(random, size));
            case 3 -> dressed(random, grid(random, size));
            default -> graph(random, mostOperators);
        };
    }

    /** Forks of 2 to 5 arms of 1 to 3 operators that join again, one after another; arms may be empty. */
    private static List<List<Integer>> diamonds(RandomGenerator random, int size) {
        List<List<Integer>> reads = new ArrayList<>(List.of(List.of()));
        while (reads.size() < size) {
            int fork = reads.size() - 1;
            Set<Integer> ends = new LinkedHashSet<>();
            for (int arm = random.nextInt(2, 6); arm > 0; arm--) {
                int last = fork;
                for (int i = random.nextInt(4); i > 0; i--) {
                    reads.add(List.of(last));
                    last = reads.size() - 1;
                }
                ends.add(last);
            }
            reads.add(List.copyOf(ends));
        }
        return reads;
    }

    /** A chain where operators also read one that lies far back. */
    private static List<List<Integer>> ladder(RandomGenerator random, int size) {
        List<List<Integer>> reads = new ArrayList<>(List.of(List.of()));
        while (reads.size() < size) {
            int last = reads.size() - 1;
            Set<Integer> read = new LinkedHashSet<>(List.of(last));
            if (random.nextInt(3) == 0) {
                read.add(random.nextInt(last + 1));
            }
            reads.add(List.copyOf(read));
        }
        return reads;
    }

    /** One operator that many read, and a few that read many. */
    private static List<List<Integer>> fan(RandomGenerator random, int size) {
        List<List<Integer>> reads = new ArrayList<>(List.of(List.of()));
        while (reads.size() < size) {
            Set<Integer> read = new LinkedHashSet<>(List.of(random.nextInt(3) == 0 ? random.nextInt(reads.size()) : 0));
            for (int i = random.nextInt(10) == 0 ? random.nextInt(8) : 0; i > 0; i--) {
                read.add(random.nextInt(reads.size()));
            }
            reads.add(List.copyOf(read));
        }
        return reads;
    }

    /** Rows in which each operator reads its left and its upper neighbour: every path crosses every other. */
    private static List<List<Integer>> grid(RandomGenerator random, int size) {
        int width = random.nextInt(1, 7);
        List<List<Integer>> reads = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Integer> read = new ArrayList<>();
            if (i % width > 0 && random.nextInt(8) > 0) {
                read.add(i - 1);
            }
            if (i >= width) {
                read.add(i - width);
            }
            reads.add(read);
        }
        return reads;
    }

    private static ModelGraph dressed(RandomGenerator random, List<List<Integer>> reads) {
        boolean allStatic = random.nextBoolean();
        Mix mix = new Mix(reads.size(), 0, allStatic ? 0 : 0.1, allStatic ? 0 : 0.1);
        Map<String, TensorType> types = new HashMap<>(Map.of("in", TensorType.of(ElementType.FLOAT, 64)));
        List<Node> nodes = new ArrayList<>();
        List<List<String>> written = new ArrayList<>();
        Set<String> unread = new LinkedHashSet<>();
        List<String> all = new ArrayList<>();
        for (int index = 0; index < reads.size(); index++) {
            boolean controlFlow = random.nextDouble() < mix.controlFlow();
            List<String> explicit = new ArrayList<>();
            List<String> captured = new ArrayList<>();
            for (int before : reads.get(index)) {
                String tensor = written.get(before).get(random.nextInt(written.get(before).size()));
                (controlFlow && random.nextBoolean() ? captured : explicit).add(tensor);
                unread.remove(tensor);
            }
            if (reads.get(index).isEmpty()) {
                explicit.add("in");
            }
            List<String> outputs = new ArrayList<>();
            for (int i = random.nextInt(6) == 0 ? 3 : 1; i > 0; i--) {
                outputs.add("t" + index + "_" + i);
                declare(random, mix, types, "t" + index + "_" + i);
            }
            written.add(outputs);
            unread.addAll(outputs);
            all.addAll(outputs);
            String type = controlFlow ? "If" : OPERATOR_TYPES.get(random.nextInt(OPERATOR_TYPES.size()));
            nodes.add(new Node(index, type + "_" + index, "", type, explicit, outputs, captured, controlFlow, Attributes.NONE));
        }
        Set<String> graphOutputs = new LinkedHashSet<>(unread);
        for (int i = random.nextInt(4); i > 0; i--) {
            graphOutputs.add(all.get(random.nextInt(all.size())));
        }
        return new ModelGraph("shaped", nodes, List.of("in"), List.copyOf(graphOutputs), types, Map.of());
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
