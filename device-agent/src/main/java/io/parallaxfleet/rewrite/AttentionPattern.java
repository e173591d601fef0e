package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/**
 * Attention as exporters spell it out, around one Softmax: {@code Transpose(Softmax(scale * Q K^T + mask) V)} with B batches, N heads, S
 * queries and T keys. What lies between belongs to this attention alone.
 *
 * @param product Softmax times values
 * @param merged the Transpose that brings the heads of each query together again: B x S x N x value size
 * @param query B x S x N x head size
 * @param key B x T x N x head size
 * @param value B x T x N x value size
 * @param scale of the scores
 * @param mask empty where every query looks at every key
 */
record AttentionPattern(NodeProto product, NodeProto merged, Shape shape, String query, String key, String value, float scale,
        Optional<ScoreMask> mask) {
    private static final List<Long> HEADS_APART = List.of(0L, 2L, 1L, 3L);
    private static final List<Long> HEADS_APART_TRANSPOSED = List.of(0L, 2L, 3L, 1L);
    private static final List<String> TRANSPOSITIONS = List.of("transA", "transBatchA", "transBatchB");

    /** Sizes of one attention. */
    record Shape(long batch, long heads, long queries, long keys, long headSize, long valueSize) {}

    /** Scores before the Softmax. */
    private record Scores(NodeProto product, float scale) {}

    /** The attention around a Softmax, if it is one. */
    static Optional<AttentionPattern> around(GraphEditor graph, NodeProto softmax) {
        long axis = NodeReading.integer(softmax, "axis", 0);
        Optional<NodeProto> product = readerAlone(graph, softmax.getOutput(0))
                .filter(reader -> isProduct(reader) && reader.getInput(0).equals(softmax.getOutput(0)) && alpha(reader) == 1 && !transposesKeys(reader));
        Optional<NodeProto> merged =
                product.flatMap(values -> readerAlone(graph, values.getOutput(0))).filter(reader -> isTranspose(reader, HEADS_APART));
        Optional<ScoreMask> mask = Optional.of(softmax.getInput(0)).filter(graph::isReadOnce).flatMap(masked -> ScoreMask.of(graph, masked));
        Optional<Scores> scores = scores(graph, mask.map(ScoreMask::scores).orElse(softmax.getInput(0)));
        if (axis != -1 && axis != 3 || merged.isEmpty() || scores.isEmpty()) {
            return Optional.empty();
        }
        NodeProto keys = scores.get().product();
        Optional<String> query = transposed(graph, keys.getInput(0), HEADS_APART);
        Optional<String> key = transposed(graph, keys.getInput(1), transposesKeys(keys) ? HEADS_APART : HEADS_APART_TRANSPOSED);
        Optional<String> value = transposed(graph, product.get().getInput(1), HEADS_APART);
        if (query.isEmpty() || key.isEmpty() || value.isEmpty()) {
            return Optional.empty();
        }
        return shape(graph, query.get(), key.get(), value.get()).map(shape ->
                new AttentionPattern(product.get(), merged.get(), shape, query.get(), key.get(), value.get(), scores.get().scale(), mask));
    }

    /** A product of queries and keys, times constant numbers. */
    private static Optional<Scores> scores(GraphEditor graph, String tensor) {
        return Optional.of(tensor).filter(graph::isReadOnce).flatMap(graph::writer).flatMap(writer -> isProduct(writer)
                ? Optional.of(new Scores(writer, alpha(writer)))
                : factor(graph, writer).flatMap(factor -> scores(graph, writer.getInput(0))
                        .map(scores -> new Scores(scores.product(), scores.scale() * factor))));
    }

    /** Empty where batches or heads would be broadcast, or sizes do not fit. */
    private static Optional<Shape> shape(GraphEditor graph, String query, String key, String value) {
        List<Long> q = dimensions(graph, query);
        List<Long> v = dimensions(graph, value);
        if (q.size() != 4 || v.size() != 4) {
            return Optional.empty();
        }
        Shape shape = new Shape(q.get(0), q.get(2), q.get(1), v.get(1), q.get(3), v.get(3));
        boolean fits = graph.isFloat(query, List.of(shape.batch, shape.queries, shape.heads, shape.headSize))
                && graph.isFloat(key, List.of(shape.batch, shape.keys, shape.heads, shape.headSize))
                && graph.isFloat(value, List.of(shape.batch, shape.keys, shape.heads, shape.valueSize));
        return fits ? Optional.of(shape) : Optional.empty();
    }

    private static List<Long> dimensions(GraphEditor graph, String tensor) {
        return graph.type(tensor).map(type -> type.dimensions()).orElse(List.of());
    }

    /** The factor of a product or quotient with a constant number on the right; empty for other operators. */
    static Optional<Float> factor(GraphEditor graph, NodeProto node) {
        boolean divides = NodeReading.isStandard(node, "Div");
        return divides || NodeReading.isStandard(node, "Mul")
                ? graph.scalar(node.getInput(1)).filter(number -> number != 0).map(number -> divides ? 1 / number : number)
                : Optional.empty();
    }

    /** What a Transpose of these axes reads to write the tensor. */
    private static Optional<String> transposed(GraphEditor graph, String tensor, List<Long> axes) {
        return graph.writer(tensor).filter(writer -> isTranspose(writer, axes)).map(writer -> writer.getInput(0));
    }

    private static boolean isTranspose(NodeProto node, List<Long> axes) {
        return NodeReading.isStandard(node, "Transpose") && NodeReading.integers(node, "perm").equals(axes);
    }

    /** Whether somebody reads the tensor with its heads before its rows, as a decoder's cache holds keys. */
    static boolean isTakenApart(GraphEditor graph, String rows) {
        return graph.readers(rows).stream().anyMatch(reader -> isTranspose(reader, HEADS_APART) && !graph.isReadOnce(reader.getOutput(0)));
    }

    private static Optional<NodeProto> readerAlone(GraphEditor graph, String tensor) {
        return graph.isReadOnce(tensor) ? Optional.of(graph.readers(tensor).get(0)) : Optional.empty();
    }

    private static boolean isProduct(NodeProto node) {
        return NodeReading.isStandard(node, "MatMul")
                || NodeReading.isMicrosoft(node, "FusedMatMul")
                        && TRANSPOSITIONS.stream().allMatch(name -> NodeReading.integer(node, name, 0) == 0);
    }

    private static boolean transposesKeys(NodeProto product) {
        return NodeReading.integer(product, "transB", 0) != 0;
    }

    private static float alpha(NodeProto product) {
        return NodeReading.real(product, "alpha", 1);
    }
}
