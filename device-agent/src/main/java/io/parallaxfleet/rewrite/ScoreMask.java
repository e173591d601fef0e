package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is added to the scores of an attention before its Softmax: zeros, and very negative numbers where a query must not look.
 *
 * @param scores B x N x S x T, before the addition
 * @param added of up to four axes, each as long as that of the scores or 1, the last as long
 */
record ScoreMask(String scores, String added) {
    private static final int AXES = 4;
    private static final int QUERIES = 2;
    private static final int KEYS = 3;

    /** The mask that was added to write a tensor, if it was written so. */
    static Optional<ScoreMask> of(GraphEditor graph, String masked) {
        Optional<List<Long>> shape = graph.type(masked).map(TensorType::dimensions).filter(dimensions -> dimensions.size() == AXES);
        return graph.writer(masked)
                .filter(sum -> shape.isPresent() && NodeReading.isStandard(sum, "Add"))
                .flatMap(sum -> of(graph, sum, 0, shape.get()).or(() -> of(graph, sum, 1, shape.get())));
    }

    private static Optional<ScoreMask> of(GraphEditor graph, NodeProto sum, int scores, List<Long> shape) {
        ScoreMask found = new ScoreMask(sum.getInput(scores), sum.getInput(1 - scores));
        return graph.isFloat(found.scores, shape) && found.fits(graph, shape) ? Optional.of(found) : Optional.empty();
    }

    private boolean fits(GraphEditor graph, List<Long> shape) {
        Optional<TensorType> type = graph.type(added).filter(of -> of.elementType() == ElementType.FLOAT && of.rank() >= 1 && of.rank() <= AXES);
        if (type.isEmpty()) {
            return false;
        }
        List<Long> own = inFourAxes(type.get());
        for (int axis = 0; axis < KEYS; axis++) {
            if (own.get(axis) != 1 && !own.get(axis).equals(shape.get(axis))) {
                return false;
            }
        }
        return own.get(KEYS).equals(shape.get(KEYS));
    }

    /** Makes the mask in four axes with a row for every query, as kernels want it, and answers its name; batches and heads may be broadcast. */
    String forEveryQuery(GraphEditor graph, long queries) {
        List<Long> own = inFourAxes(graph.type(added).orElseThrow());
        String fourAxes = graph.reshaped(added, own);
        if (own.get(QUERIES) == queries) {
            return fourAxes;
        }
        List<Long> expanded = new ArrayList<>(own);
        expanded.set(QUERIES, queries);
        String result = graph.fresh("mask");
        graph.declare(result, new TensorType(ElementType.FLOAT, expanded));
        graph.add(NodeProto.newBuilder().setOpType("Expand").setName(graph.fresh("Expand")).addInput(fourAxes)
                .addInput(graph.constant("shape", expanded)).addOutput(result).build());
        return result;
    }

    private static List<Long> inFourAxes(TensorType type) {
        List<Long> dimensions = new ArrayList<>();
        for (int axis = type.rank(); axis < AXES; axis++) {
            dimensions.add(1L);
        }
        dimensions.addAll(type.dimensions());
        return dimensions;
    }
}
