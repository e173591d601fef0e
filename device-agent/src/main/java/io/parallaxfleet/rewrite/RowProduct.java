package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code Gemm} of a single row with constant weights, as classifiers end, becomes a convolution of one pixel: its blocked kernel reads the
 * weights in order and with all threads, and took six tenths of the time for 1 280 x 1 000.
 */
record RowProduct() implements Rewrite {
    /** More weights are better written into a file of their own, as {@link RowsAsPixels} does. */
    private static final long MOST_WEIGHTS = 1 << 22;
    /** Fewer do not repay the operators around it. */
    private static final long LEAST_WEIGHTS = 1 << 16;
    private static final long CHANNEL_MULTIPLE = 16;

    @Override
    public String name() {
        return "row-product";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto node : graph.inOrder()) {
            if (NodeReading.isStandard(node, "Gemm") && replaced(graph, node)) {
                places.add(node.getName());
            }
        }
        return places;
    }

    private static boolean replaced(GraphEditor graph, NodeProto gemm) {
        Optional<TensorType> weights = graph.type(gemm.getInput(1)).filter(type -> graph.isConstant(gemm.getInput(1)) && type.rank() == 2);
        Optional<String> bias = NodeReading.input(gemm, 2);
        if (weights.isEmpty() || weights.get().elementType() != ElementType.FLOAT) {
            return false;
        }
        long outputs = weights.get().dimensions().get(0);
        long inputs = weights.get().dimensions().get(1);
        boolean plain = NodeReading.integer(gemm, "transB", 0) == 1 && NodeReading.integer(gemm, "transA", 0) == 0
                && NodeReading.real(gemm, "alpha", 1) == 1 && NodeReading.real(gemm, "beta", 1) == 1
                && graph.isFloat(gemm.getInput(0), List.of(1L, inputs))
                && bias.map(name -> graph.isConstant(name) && graph.isFloat(name, List.of(outputs))).orElse(true);
        if (!plain || inputs % CHANNEL_MULTIPLE != 0 || inputs * outputs < LEAST_WEIGHTS || inputs * outputs > MOST_WEIGHTS) {
            return false;
        }
        TensorType kernel = TensorType.of(ElementType.FLOAT, outputs, inputs, 1, 1);
        String pixel = graph.fresh("pixel");
        NodeProto.Builder convolution = NodeProto.newBuilder().setOpType("Conv").setName(graph.fresh("Conv"))
                .addInput(pixelOf(graph, gemm.getInput(0), inputs))
                .addInput(graph.constant(gemm.getInput(1), kernel, graph.content(gemm.getInput(1)))).addOutput(pixel)
                .addAttribute(NodeReading.attribute("kernel_shape", List.of(1L, 1L)));
        bias.ifPresent(convolution::addInput);
        graph.remove(gemm);
        graph.add(convolution.build());
        graph.declare(pixel, TensorType.of(ElementType.FLOAT, 1, outputs, 1, 1));
        graph.reshape(pixel, List.of(1L, outputs), gemm.getOutput(0));
        return true;
    }

    /** The row as a pixel of so many channels: what was flattened to make the row, where that was one. */
    private static String pixelOf(GraphEditor graph, String row, long channels) {
        List<Long> pixel = List.of(1L, channels, 1L, 1L);
        return graph.writer(row)
                .filter(writer -> NodeReading.isStandard(writer, "Flatten") && graph.isFloat(writer.getInput(0), pixel))
                .map(writer -> writer.getInput(0))
                .orElseGet(() -> graph.reshaped(row, pixel));
    }
}
