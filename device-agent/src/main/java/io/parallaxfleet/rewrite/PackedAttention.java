package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Masked self-attention that is spelt out becomes one Attention of ONNX Runtime's own operators, which holds the weights of queries, keys and
 * values side by side and divides them among the threads by head. Its products are slower than those of {@link RowsAsPixels}, and on one
 * thread that is all it saves; but the Transposes, Reshapes and additions of the mask that it takes the place of run on one
 * thread whatever there is: 3 to 4 % of an inference on two. Attention without a mask is {@link AttentionFusion}'s.
 */
record PackedAttention() implements Rewrite {
    /** As many as repay rows in blocks: of fewer the weights are what is waited for, and one thread reads those of a head. */
    private static final long LEAST_QUERIES = 16;
    /** Of longer rows the slower products take what the rest saves: level at 768. */
    private static final long LONGEST_ROW = 512;

    @Override
    public String name() {
        return "packed-attention";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        Map<String, String> masks = new HashMap<>();
        for (NodeProto node : graph.nodes()) {
            if (graph.holds(node) && NodeReading.isStandard(node, "Softmax")) {
                AttentionPattern.around(graph, node).flatMap(found -> Packed.of(graph, found)).ifPresent(packed -> {
                    packed.write(graph, masks);
                    places.add(packed.attention().product().getName());
                });
            }
        }
        graph.removeUnread();
        return places;
    }

    /** @param projections of queries, keys and values, in this order, of the same rows */
    private record Packed(AttentionPattern attention, ScoreMask mask, List<HeadProjection> projections) {
        static Optional<Packed> of(GraphEditor graph, AttentionPattern found) {
            AttentionPattern.Shape shape = found.shape();
            List<HeadProjection> projections = List.of(found.query(), found.key(), found.value()).stream()
                    .flatMap(heads -> HeadProjection.of(graph, heads).stream()).toList();
            boolean fits = found.mask().isPresent() && projections.size() == 3 && shape.queries() == shape.keys() && shape.queries() >= LEAST_QUERIES
                    && shape.headSize() == shape.valueSize();
            if (!fits || projections.stream().map(projection -> projection.product().source(graph)).distinct().count() > 1) {
                return Optional.empty();
            }
            long inputs = projections.get(0).product().inputs();
            boolean sizes = inputs <= LONGEST_ROW && projections.stream().allMatch(projection -> projection.product().inputs() == inputs
                    && projection.product().outputs() == shape.heads() * shape.headSize() && projection.product().count() == shape.batch() * shape.queries());
            Packed packed = new Packed(found, found.mask().get(), projections);
            // The kernel takes a factor of zero for none given; one on the values it does not know.
            boolean scaled = packed.scale() != 0 && Float.isFinite(packed.scale()) && projections.get(2).factor() == 1;
            return sizes && scaled ? Optional.of(packed) : Optional.empty();
        }

        float scale() {
            return attention.scale() * projections.get(0).factor() * projections.get(1).factor();
        }

        /** @param masks made for this graph, by what they were made of: layers share theirs */
        void write(GraphEditor graph, Map<String, String> masks) {
            AttentionPattern.Shape shape = attention.shape();
            List<MatrixProduct> products = projections.stream().map(HeadProjection::product).toList();
            long inputs = products.get(0).inputs();
            long hidden = shape.heads() * shape.headSize();
            String added = masks.computeIfAbsent(mask.added(), any -> mask.forEveryQuery(graph, shape.queries()));
            String written = graph.fresh("attended");
            graph.declare(written, TensorType.of(ElementType.FLOAT, shape.batch(), shape.queries(), hidden));
            NodeProto.Builder packed = NodeProto.newBuilder().setDomain(NodeReading.MICROSOFT).setOpType("Attention").setName(graph.fresh("attention"))
                    .addAttribute(NodeReading.attribute("num_heads", shape.heads())).addAttribute(NodeReading.attribute("scale", scale()))
                    .addInput(graph.reshaped(products.get(0).source(graph), List.of(shape.batch(), shape.queries(), inputs)))
                    .addInput(graph.constant("queries-keys-values", TensorType.of(ElementType.FLOAT, inputs, 3 * hidden),
                            () -> PackedWeights.of(graph, products)))
                    .addInput(graph.constant("bias", TensorType.of(ElementType.FLOAT, 3 * hidden), PackedWeights.biasOf(graph, products)))
                    .addInput("").addInput("").addInput(added).addOutput(written);
            String merged = attention.merged().getOutput(0);
            graph.remove(attention.merged());
            graph.add(packed.build());
            graph.reshape(written, List.of(shape.batch(), shape.queries(), shape.heads(), shape.headSize()), merged);
        }
    }
}
