package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code Gemm} and {@code MatMul} of many rows or large constant weights become convolutions whose window is one pixel and whose pixels are the
 * rows. The blocked kernel of ONNX Runtime 1.29 reached 195 to 225 GFLOP/s of one core where its matrix product reached 155 to 195, and divides
 * among threads by pixel; that repays bringing rows into the layout and back. They stay there where only an activation lies between two products,
 * and where heads are taken apart for attention the copy that does so leaves the layout too. Of fewer rows the weights are what is waited for, and the
 * blocked kernel reads those in order and with all threads: a vocabulary of 80 MB took 1.3 ms of two threads instead of 2.5.
 *
 * @param block channels of a block; empty where this processor has no such layout
 */
record RowsAsPixels(OptionalInt block) implements Rewrite {
    private static final long MANY_ROWS = 16;
    /** For fewer rows: more than a core's own cache holds, so that two cores read faster than one. */
    private static final long MANY_WEIGHTS = 1 << 19;
    /** Shorter rows do not repay their reordering. */
    private static final long LEAST_LENGTH = 64;

    @Override
    public String name() {
        return "rows-as-pixels";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        if (block.isEmpty()) {
            return List.of();
        }
        List<NodeProto> order = graph.inOrder();
        List<String> outputs = order.stream().flatMap(node -> node.getOutputList().stream()).filter(graph::isOutput).toList();
        PixelRows rows = new PixelRows(graph, block.getAsInt());
        List<String> places = new ArrayList<>();
        for (NodeProto node : order) {
            Optional<MatrixProduct> product = MatrixProduct.of(graph, node).filter(this::pays);
            if (product.isPresent()) {
                rows.convolve(product.get());
                places.add(node.getName());
            } else if (graph.holds(node) && !rows.keep(node)) {
                Captures.reads(node).forEach(rows::requirePlain);
            }
        }
        outputs.forEach(rows::requirePlain);
        return places;
    }

    private boolean pays(MatrixProduct product) {
        return (product.count() >= MANY_ROWS || product.inputs() * product.outputs() >= MANY_WEIGHTS)
                && product.inputs() % block.getAsInt() == 0 && product.inputs() >= LEAST_LENGTH && product.outputs() >= LEAST_LENGTH;
    }
}
