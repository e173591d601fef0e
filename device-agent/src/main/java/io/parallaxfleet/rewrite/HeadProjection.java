package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/**
 * Queries, keys or values of an attention as a product of rows and constant weights, which nobody else reads.
 *
 * @param factor a constant number that the product is multiplied by
 */
record HeadProjection(MatrixProduct product, float factor) {
    /**
     * The projection behind a tensor of heads.
     *
     * @param heads B x S x N x head size, as {@link AttentionPattern} names it
     */
    static Optional<HeadProjection> of(GraphEditor graph, String heads) {
        List<NodeProto> readers = graph.readers(heads);
        boolean alone = graph.isReadOnce(heads) && graph.isReadOnce(readers.get(0).getOutput(0));
        return alone ? behind(graph, heads, 1) : Optional.empty();
    }

    private static Optional<HeadProjection> behind(GraphEditor graph, String tensor, float factor) {
        Optional<NodeProto> writer = graph.writer(tensor).filter(found -> graph.isReadOnce(tensor));
        if (writer.isEmpty()) {
            return Optional.empty();
        }
        NodeProto node = writer.get();
        if (NodeReading.isStandard(node, "Reshape")) {
            return behind(graph, node.getInput(0), factor);
        }
        boolean keepsShape = graph.type(node.getInput(0)).equals(graph.type(node.getOutput(0)));
        return AttentionPattern.factor(graph, node)
                .filter(number -> keepsShape)
                .flatMap(number -> behind(graph, node.getInput(0), factor * number))
                .or(() -> MatrixProduct.of(graph, node).map(product -> new HeadProjection(product, factor)));
    }
}
