package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tensors of rows there are in blocked layout, each row a pixel of an image that is one pixel wide; a single row that fills blocks
 * lies the same way in both layouts. Operators are given in the graph's order. Not thread-safe.
 */
final class PixelRows {
    private static final Set<String> ACTIVATIONS = Set.of("Relu", "Sigmoid", "Tanh", "Erf");
    private static final Set<String> MICROSOFT_ACTIVATIONS = Set.of("Gelu", "QuickGelu", "FastGelu");

    private final GraphEditor graph;
    private final HeadsApart heads;
    private final int block;
    private final Map<String, String> blocked = new HashMap<>();
    /** Those that nobody writes under their own name any more. */
    private final Set<String> moved = new HashSet<>();

    PixelRows(GraphEditor graph, int block) {
        this.graph = graph;
        this.block = block;
        this.heads = new HeadsApart(graph, block);
    }

    void convolve(MatrixProduct product) {
        String rows = blocked.computeIfAbsent(product.source(graph),
                name -> heads.merged(name, product.inputs()).orElseGet(() -> reordered(name, product)));
        int outputs = BlockedWeights.filled(product.outputs(), block);
        List<Long> shape = List.of(product.outputs(), product.inputs(), 1L, 1L);
        NodeProto.Builder convolution = NodeProto.newBuilder().setDomain(BlockedTensors.DOMAIN).setOpType("Conv").setName(graph.fresh("Conv"))
                .addInput(rows)
                .addInput(graph.constant(product.node().getInput(1), TensorType.of(ElementType.FLOAT, outputs, product.inputs(), 1, 1),
                        () -> BlockedWeights.of(shape, product.weights(graph), block, true).content()))
                .addAttribute(NodeReading.attribute("group", 1)).addAttribute(NodeReading.attribute("kernel_shape", List.of(1L, 1L)));
        product.bias().ifPresent(bias -> convolution.addInput(bias(bias, outputs)));
        move(product.node(), convolution);
    }

    /** Keeps an operator in the layout whose input is there only; false where it cannot be. */
    boolean keep(NodeProto node) {
        if (node.getInputCount() == 0 || !moved.contains(node.getInput(0))) {
            return false;
        }
        if (NodeReading.isStandard(node, "Reshape")) {
            return reshape(node);
        }
        boolean activation = node.getInputCount() == 1
                && (node.getDomain().isEmpty() ? ACTIVATIONS : MICROSOFT_ACTIVATIONS).contains(node.getOpType());
        if (activation) {
            move(node, node.toBuilder().setName(graph.fresh(node.getOpType())).clearOutput().setInput(0, blocked.get(node.getInput(0))));
        }
        return activation;
    }

    /** Makes sure that the tensor is there under its own name. */
    void requirePlain(String tensor) {
        if (moved.remove(tensor)) {
            TensorType type = graph.type(tensor).orElseThrow();
            if (length(type) == type.elements() && length(type) % block == 0) {
                graph.reshape(blocked.get(tensor), type.dimensions(), tensor);
                return;
            }
            String reordered = graph.fresh("rows");
            graph.add(NodeProto.newBuilder().setDomain(BlockedTensors.DOMAIN).setOpType("ReorderOutput").setName(graph.fresh("ReorderOutput"))
                    .addInput(blocked.get(tensor)).addOutput(reordered)
                    .addAttribute(NodeReading.attribute("channels", length(type))).addAttribute(NodeReading.attribute("channels_last", 1)).build());
            graph.reshape(reordered, type.dimensions(), tensor);
        }
    }

    private boolean reshape(NodeProto node) {
        Optional<TensorType> to = graph.type(node.getOutput(0));
        long length = length(graph.type(node.getInput(0)).orElseThrow());
        if (to.filter(type -> type.rank() > 0 && length(type) == length).isPresent()) {
            blocked.put(node.getOutput(0), blocked.get(node.getInput(0)));
            moved.add(node.getOutput(0));
            graph.remove(node);
            return true;
        }
        return heads.takeApart(node, blocked.get(node.getInput(0)), length);
    }

    /** Takes an operator out whose first output another now writes in blocked layout. */
    private void move(NodeProto node, NodeProto.Builder inLayout) {
        String tensor = node.getOutput(0);
        String made = graph.fresh(tensor);
        graph.remove(node);
        graph.add(inLayout.addOutput(made).build());
        blocked.put(tensor, made);
        moved.add(tensor);
    }

    private String reordered(String rows, MatrixProduct product) {
        requirePlain(rows);
        if (product.count() == 1) {
            return graph.reshaped(rows, List.of(1L, product.inputs(), 1L, 1L));
        }
        String reordered = graph.fresh("pixels");
        graph.add(NodeProto.newBuilder().setDomain(BlockedTensors.DOMAIN).setOpType("ReorderInput").setName(graph.fresh("ReorderInput"))
                .addInput(graph.reshaped(rows, List.of(1L, product.count(), 1L, product.inputs()))).addOutput(reordered)
                .addAttribute(NodeReading.attribute("channels_last", 1)).build());
        return reordered;
    }

    private String bias(String bias, long outputs) {
        ByteBuffer row = BlockedWeights.row(graph.content(bias).asFloatBuffer(), block);
        return graph.constant(bias, TensorType.of(ElementType.FLOAT, outputs), row);
    }

    private static long length(TensorType type) {
        return type.dimensions().get(type.rank() - 1);
    }
}
