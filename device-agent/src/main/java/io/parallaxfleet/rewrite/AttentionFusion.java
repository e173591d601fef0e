package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention that is spelt out, see {@link AttentionPattern}, becomes one MultiHeadAttention of ONNX Runtime's own operators, whose kernel
 * goes through keys and values in blocks that stay in the cache and never writes the scores. Attention with a mask is left alone, and
 * such with keys and values that a decoder keeps: the kernel writes the scores then, which was worth nothing ({@link PackedAttention} takes
 * some of the former). So is a single query, for which it was slower.
 */
record AttentionFusion() implements Rewrite {
    @Override
    public String name() {
        return "attention";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            if (graph.holds(node) && NodeReading.isStandard(node, "Softmax")) {
                AttentionPattern.around(graph, node).filter(found -> pays(graph, found)).ifPresent(found -> {
                    fuse(graph, found);
                    places.add(found.product().getName());
                });
            }
        }
        graph.removeUnread();
        return places;
    }

    /** Whether the kernel goes through blocks: it does not where keys and values are kept for a cache, with their heads apart. */
    private static boolean pays(GraphEditor graph, AttentionPattern found) {
        boolean cached = !graph.isReadOnce(found.product().getInput(1)) || AttentionPattern.isTakenApart(graph, found.key());
        return found.mask().isEmpty() && found.shape().queries() > 1 && !cached;
    }

    private static void fuse(GraphEditor graph, AttentionPattern found) {
        AttentionPattern.Shape shape = found.shape();
        Scaled query = Scaled.of(graph, found);
        NodeProto.Builder attention = NodeProto.newBuilder().setDomain(NodeReading.MICROSOFT).setOpType("MultiHeadAttention")
                .setName(graph.fresh("attention"))
                .addAttribute(NodeReading.attribute("num_heads", shape.heads()))
                .addAttribute(NodeReading.attribute("scale", query.scale()))
                .addInput(graph.reshaped(query.rows(), List.of(shape.batch(), shape.queries(), shape.heads() * shape.headSize())))
                .addInput(graph.reshaped(found.key(), List.of(shape.batch(), shape.keys(), shape.heads() * shape.headSize())))
                .addInput(graph.reshaped(found.value(), List.of(shape.batch(), shape.keys(), shape.heads() * shape.valueSize())));
        String written = graph.fresh("attended");
        graph.declare(written, TensorType.of(ElementType.FLOAT, shape.batch(), shape.queries(), shape.heads() * shape.valueSize()));
        String merged = found.merged().getOutput(0);
        graph.remove(found.merged());
        graph.add(attention.addOutput(written).build());
        graph.reshape(written, List.of(shape.batch(), shape.queries(), shape.heads(), shape.valueSize()), merged);
    }

    /** Queries before the factor that exporters put on them; the kernel puts it on the scores. */
    private record Scaled(String rows, float scale) {
        static Scaled of(GraphEditor graph, AttentionPattern found) {
            return graph.writer(found.query())
                    .filter(reshape -> NodeReading.isStandard(reshape, "Reshape") && graph.isReadOnce(found.query()))
                    .map(reshape -> reshape.getInput(0))
                    .filter(graph::isReadOnce)
                    .flatMap(graph::writer)
                    .filter(product -> graph.type(product.getInput(0)).equals(graph.type(product.getOutput(0))))
                    .flatMap(product -> AttentionPattern.factor(graph, product)
                            .map(factor -> new Scaled(product.getInput(0), factor * found.scale())))
                    .orElse(new Scaled(found.query(), found.scale()));
        }
    }
}
