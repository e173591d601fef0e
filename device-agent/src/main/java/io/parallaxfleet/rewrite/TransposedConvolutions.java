package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Two transposed convolutions whose windows do not overlap, with at most constants, a BatchNormalization and a Relu between, become two
 * convolutions of single pixels: each pixel makes the s x s pixels of the first and from each of them those of the second, all as channels, which
 * are put in their places once at the end. The heads of text detectors (DB) are of this kind; the enlarged tensor between, the
 * largest of such a model, is never made.
 */
record TransposedConvolutions() implements Rewrite {
    /** The second multiplies zeros too, as it is one convolution for all pixels of the first; beyond this that is no longer free. */
    private static final long MOST_CHANNELS = 64;

    @Override
    public String name() {
        return "transposed-convolutions";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto node : graph.inOrder()) {
            Optional<Window> second = graph.holds(node) ? Window.of(graph, node) : Optional.empty();
            Optional<Between> between = second.flatMap(window -> Between.before(graph, window));
            if (between.isPresent() && replace(graph, between.get(), second.get())) {
                places.add(node.getName());
            }
        }
        return places;
    }

    /**
     * A transposed convolution whose stride is its window.
     *
     * @param side of the window
     */
    private record Window(NodeProto node, int inputs, int outputs, int side) {
        static Optional<Window> of(GraphEditor graph, NodeProto node) {
            if (!NodeReading.isStandard(node, "ConvTranspose") || !graph.isConstant(node.getInput(1))
                    || !NodeReading.input(node, 2).map(graph::isConstant).orElse(true)) {
                return Optional.empty();
            }
            List<Long> weights = graph.type(node.getInput(1)).filter(type -> type.elementType() == ElementType.FLOAT).map(TensorType::dimensions).orElse(List.of());
            boolean square = weights.size() == 4 && weights.get(2).equals(weights.get(3))
                    && NodeReading.integers(node, "strides").equals(weights.subList(2, 4));
            boolean plain = NodeReading.integer(node, "group", 1) == 1 && NodeReading.text(node, "auto_pad", "NOTSET").equals("NOTSET")
                    && all(node, "pads", 0) && all(node, "output_padding", 0) && all(node, "dilations", 1)
                    && NodeReading.integers(node, "output_shape").isEmpty();
            return square && plain
                    ? Optional.of(new Window(node, weights.get(0).intValue(), weights.get(1).intValue(), weights.get(2).intValue()))
                    : Optional.empty();
        }

        private static boolean all(NodeProto node, String attribute, long value) {
            return NodeReading.integers(node, attribute).stream().allMatch(found -> found == value);
        }

        float[] bias(GraphEditor graph) {
            float[] bias = new float[outputs];
            NodeReading.input(node, 2).ifPresent(name -> graph.content(name).asFloatBuffer().get(bias));
            return bias;
        }

        /** Of an input channel to an output channel at a place of the window. */
        float weight(FloatBuffer weights, int input, int output, int row, int column) {
            return weights.get(((input * outputs + output) * side + row) * side + column);
        }
    }

    /**
     * The first transposed convolution and what follows it: {@code scale * y + shift} for each channel.
     *
     * @param passed operators that vanish
     */
    private record Between(Window first, float[] scale, float[] shift, boolean relu, List<NodeProto> passed) {
        static Optional<Between> before(GraphEditor graph, Window second) {
            List<NodeProto> passed = new ArrayList<>();
            String tensor = second.node().getInput(0);
            while (graph.isReadOnce(tensor)) {
                Optional<NodeProto> writer = graph.writer(tensor);
                if (writer.isEmpty()) {
                    return Optional.empty();
                }
                Optional<Window> first = Window.of(graph, writer.get());
                if (first.isPresent()) {
                    return of(graph, first.get(), passed);
                }
                passed.add(0, writer.get());
                tensor = writer.get().getInput(graph.isConstant(writer.get().getInput(0)) && writer.get().getInputCount() > 1 ? 1 : 0);
            }
            return Optional.empty();
        }

        private static Optional<Between> of(GraphEditor graph, Window first, List<NodeProto> passed) {
            float[] scale = new float[first.outputs()];
            Arrays.fill(scale, 1);
            float[] shift = first.bias(graph);
            boolean relu = false;
            for (NodeProto node : passed) {
                if (relu || !NodeReading.hasOneOutput(node)) {
                    return Optional.empty();
                }
                if (NodeReading.isStandard(node, "Relu")) {
                    relu = true;
                } else if (NodeReading.isStandard(node, "Add") && channelwise(graph, node, first.outputs()).isPresent()) {
                    FloatBuffer added = channelwise(graph, node, first.outputs()).orElseThrow();
                    for (int channel = 0; channel < shift.length; channel++) {
                        shift[channel] += added.get(channel);
                    }
                } else if (NodeReading.isStandard(node, "BatchNormalization") && node.getInputList().stream().skip(1).allMatch(graph::isConstant)) {
                    normalise(graph, node, scale, shift);
                } else {
                    return Optional.empty();
                }
            }
            return Optional.of(new Between(first, scale, shift, relu, passed));
        }

        private static Optional<FloatBuffer> channelwise(GraphEditor graph, NodeProto add, int channels) {
            String constant = graph.isConstant(add.getInput(0)) ? add.getInput(0) : add.getInput(1);
            boolean row = graph.isConstant(constant)
                    && (graph.isFloat(constant, List.of(1L, (long) channels, 1L, 1L)) || graph.isFloat(constant, List.of((long) channels, 1L, 1L)));
            return row ? Optional.of(graph.content(constant).asFloatBuffer()) : Optional.empty();
        }

        private static void normalise(GraphEditor graph, NodeProto node, float[] scale, float[] shift) {
            List<FloatBuffer> rows = node.getInputList().stream().skip(1).map(name -> graph.content(name).asFloatBuffer()).toList();
            float epsilon = NodeReading.real(node, "epsilon", 1e-5f);
            for (int channel = 0; channel < scale.length; channel++) {
                float factor = (float) (rows.get(0).get(channel) / Math.sqrt(rows.get(3).get(channel) + epsilon));
                scale[channel] *= factor;
                shift[channel] = factor * (shift[channel] - rows.get(2).get(channel)) + rows.get(1).get(channel);
            }
        }
    }

    private static boolean replace(GraphEditor graph, Between between, Window second) {
        Window first = between.first();
        int side = first.side() * second.side();
        Optional<TensorType> input = graph.type(first.node().getInput(0));
        if ((long) second.outputs() * side * side > MOST_CHANNELS || input.isEmpty()) {
            return false;
        }
        List<Long> shape = input.get().dimensions();
        String pixels = pointwise(graph, first.node().getInput(0), first(graph, between), firstBias(between), shape);
        String active = pixels;
        if (between.relu()) {
            active = graph.fresh("Relu");
            graph.add(NodeProto.newBuilder().setOpType("Relu").setName(graph.fresh("Relu")).addInput(pixels).addOutput(active).build());
            graph.declare(active, graph.type(pixels).orElseThrow());
        }
        String places = pointwise(graph, active, second(graph, first, second), secondBias(graph, second, side), shape);
        graph.remove(first.node());
        between.passed().forEach(graph::remove);
        graph.remove(second.node());
        graph.add(NodeProto.newBuilder().setOpType("DepthToSpace").setName(graph.fresh("DepthToSpace")).addInput(places)
                .addOutput(second.node().getOutput(0)).addAttribute(NodeReading.attribute("blocksize", side))
                .addAttribute(NodeReading.attribute("mode", "CRD")).build());
        return true;
    }

    /** A row of weights for each channel of each place of the first window, places outermost. */
    private static float[][] first(GraphEditor graph, Between between) {
        Window first = between.first();
        FloatBuffer weights = graph.content(first.node().getInput(1)).asFloatBuffer();
        float[][] rows = new float[first.side() * first.side() * first.outputs()][first.inputs()];
        for (int row = 0; row < rows.length; row++) {
            int place = row / first.outputs();
            int channel = row % first.outputs();
            for (int input = 0; input < first.inputs(); input++) {
                rows[row][input] = between.scale()[channel] * first.weight(weights, input, channel, place / first.side(), place % first.side());
            }
        }
        return rows;
    }

    private static float[] firstBias(Between between) {
        float[] bias = new float[between.first().side() * between.first().side() * between.shift().length];
        for (int row = 0; row < bias.length; row++) {
            bias[row] = between.shift()[row % between.shift().length];
        }
        return bias;
    }

    /** Output channel, row and column in the pixel's square; of the first window's places each reads one. */
    private static float[][] second(GraphEditor graph, Window first, Window second) {
        FloatBuffer weights = graph.content(second.node().getInput(1)).asFloatBuffer();
        int side = first.side() * second.side();
        float[][] rows = new float[second.outputs() * side * side][first.side() * first.side() * first.outputs()];
        for (int index = 0; index < rows.length; index++) {
            int output = index / (side * side);
            int row = index / side % side;
            int column = index % side;
            int place = row / second.side() * first.side() + column / second.side();
            for (int channel = 0; channel < first.outputs(); channel++) {
                rows[index][place * first.outputs() + channel] =
                        second.weight(weights, channel, output, row % second.side(), column % second.side());
            }
        }
        return rows;
    }

    private static float[] secondBias(GraphEditor graph, Window second, int side) {
        float[] each = second.bias(graph);
        float[] bias = new float[second.outputs() * side * side];
        for (int index = 0; index < bias.length; index++) {
            bias[index] = each[index / (side * side)];
        }
        return bias;
    }

    private static String pointwise(GraphEditor graph, String input, float[][] rows, float[] bias, List<Long> shape) {
        ByteBuffer weights = ByteBuffer.allocate(rows.length * rows[0].length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer added = ByteBuffer.allocate(bias.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int row = 0; row < rows.length; row++) {
            for (float weight : rows[row]) {
                weights.putFloat(weight);
            }
            added.putFloat(bias[row]);
        }
        String output = graph.fresh("pixels");
        graph.add(NodeProto.newBuilder().setOpType("Conv").setName(graph.fresh("Conv")).addInput(input)
                .addInput(graph.constant("weights", TensorType.of(ElementType.FLOAT, rows.length, rows[0].length, 1, 1), weights.flip()))
                .addInput(graph.constant("bias", TensorType.of(ElementType.FLOAT, bias.length), added.flip())).addOutput(output)
                .addAttribute(NodeReading.attribute("kernel_shape", List.of(1L, 1L))).build());
        graph.declare(output, TensorType.of(ElementType.FLOAT, shape.get(0), rows.length, shape.get(2), shape.get(3)));
        return output;
    }
}
