package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * {@code scale * x + shift}, with one number for all elements, becomes part of the weights and the bias of the convolution that writes x, or of
 * the convolutions that read the result: as PP-OCRv4 has after every convolution and every activation. Where a padded convolution
 * reads it, its border of zeros is not shifted: then only the scale is taken, and {@code x + shift / scale} is left. The order of
 * roundings changes.
 */
record ConstantsIntoConvolution() implements Rewrite {
    /** Smaller scales would make of the shift what no float holds well. */
    private static final float SMALLEST_SCALE = 1e-3f;

    @Override
    public String name() {
        return "constants-into-convolution";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto node : graph.inOrder()) {
            Affine.of(graph, node).filter(affine -> intoWriter(graph, node, affine)).ifPresent(affine -> places.add(node.getName()));
        }
        List<NodeProto> backwards = new ArrayList<>(graph.inOrder());
        Collections.reverse(backwards);
        for (NodeProto node : backwards) {
            if (graph.holds(node)) {
                Affine.of(graph, node).filter(affine -> intoReaders(graph, node, affine)).ifPresent(affine -> places.add(node.getName()));
            }
        }
        return places;
    }

    /** What an operator makes of one tensor and one constant. */
    private record Affine(String tensor, float scale, float shift) {
        static Optional<Affine> of(GraphEditor graph, NodeProto node) {
            if (node.getInputCount() != 2 || !node.getDomain().isEmpty() || graph.isConstant(node.getInput(0)) == graph.isConstant(node.getInput(1))) {
                return Optional.empty();
            }
            int constant = graph.isConstant(node.getInput(0)) ? 0 : 1;
            String tensor = node.getInput(1 - constant);
            Optional<Float> value = graph.scalar(node.getInput(constant)).filter(found -> Float.isFinite(found) && sameShape(graph, node, tensor));
            return switch (node.getOpType()) {
                case "Mul" -> value.map(found -> new Affine(tensor, found, 0));
                case "Add" -> value.map(found -> new Affine(tensor, 1, found));
                case "Sub" -> value.map(found -> constant == 1 ? new Affine(tensor, 1, -found) : new Affine(tensor, -1, found));
                case "Div" -> value.filter(found -> constant == 1 && found != 0).map(found -> new Affine(tensor, 1 / found, 0));
                default -> Optional.empty();
            };
        }

        private static boolean sameShape(GraphEditor graph, NodeProto node, String tensor) {
            return graph.type(tensor).isPresent() && graph.type(tensor).equals(graph.type(node.getOutput(0)));
        }
    }

    private static boolean intoWriter(GraphEditor graph, NodeProto node, Affine affine) {
        Optional<NodeProto> writer = graph.writer(affine.tensor())
                .filter(found -> NodeReading.isStandard(found, "Conv") && hasConstantWeights(graph, found) && graph.isReadOnce(affine.tensor()));
        if (writer.isEmpty()) {
            return false;
        }
        NodeProto convolution = writer.get();
        int outputs = Math.toIntExact(graph.type(convolution.getInput(1)).orElseThrow().dimensions().get(0));
        float[] bias = bias(graph, convolution, outputs);
        for (int channel = 0; channel < outputs; channel++) {
            bias[channel] = affine.scale() * bias[channel] + affine.shift();
        }
        graph.remove(node);
        graph.remove(convolution);
        graph.add(with(graph, convolution, scaled(graph, convolution, affine.scale()), bias).setOutput(0, node.getOutput(0)).build());
        return true;
    }

    private static boolean intoReaders(GraphEditor graph, NodeProto node, Affine affine) {
        List<NodeProto> readers = graph.readers(node.getOutput(0));
        boolean convolved = !graph.isOutput(node.getOutput(0)) && !readers.isEmpty()
                && readers.stream().allMatch(reader -> readsAsInput(graph, reader, node.getOutput(0)));
        if (!convolved) {
            return false;
        }
        if (affine.shift() != 0 && !readers.stream().allMatch(ConstantsIntoConvolution::isUnpadded)) {
            return scaleOnly(graph, node, affine, readers);
        }
        graph.remove(node);
        readers.forEach(reader -> take(graph, reader, affine.tensor(), affine));
        return true;
    }

    /** scale * x + shift before a padded convolution: the scale is that of the operator before the sum. */
    private static boolean scaleOnly(GraphEditor graph, NodeProto sum, Affine shift, List<NodeProto> readers) {
        Optional<NodeProto> writer = graph.writer(shift.tensor()).filter(found -> graph.isReadOnce(shift.tensor()));
        Optional<Affine> before = writer.flatMap(found -> Affine.of(graph, found));
        if (shift.scale() != 1 || before.filter(scale -> scale.shift() == 0 && Math.abs(scale.scale()) >= SMALLEST_SCALE).isEmpty()) {
            return false;
        }
        float scale = before.get().scale();
        ByteBuffer content = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, shift.shift() / scale);
        String added = graph.constant("shift", new TensorType(ElementType.FLOAT, List.of()), content);
        graph.remove(sum);
        graph.remove(writer.get());
        graph.add(NodeProto.newBuilder().setOpType("Add").setName(graph.fresh("Add")).addInput(before.get().tensor()).addInput(added)
                .addOutput(sum.getOutput(0)).build());
        readers.forEach(reader -> take(graph, reader, sum.getOutput(0), new Affine(sum.getOutput(0), scale, 0)));
        return true;
    }

    private static void take(GraphEditor graph, NodeProto reader, String input, Affine affine) {
        FloatBuffer weights = graph.content(reader.getInput(1)).asFloatBuffer();
        int outputs = Math.toIntExact(graph.type(reader.getInput(1)).orElseThrow().dimensions().get(0));
        int each = weights.limit() / outputs;
        float[] bias = bias(graph, reader, outputs);
        for (int channel = 0; channel < outputs; channel++) {
            double sum = 0;
            for (int weight = 0; weight < each; weight++) {
                sum += weights.get(channel * each + weight);
            }
            bias[channel] += (float) (affine.shift() * sum);
        }
        graph.remove(reader);
        graph.add(with(graph, reader, scaled(graph, reader, affine.scale()), bias).setInput(0, input).build());
    }

    private static boolean readsAsInput(GraphEditor graph, NodeProto reader, String tensor) {
        return BlockedConvolutions.isConvolution(reader) && hasConstantWeights(graph, reader) && reader.getInput(0).equals(tensor)
                && reader.getInputList().stream().filter(tensor::equals).count() == 1;
    }

    private static boolean isUnpadded(NodeProto convolution) {
        return NodeReading.integers(convolution, "pads").stream().allMatch(pad -> pad == 0)
                && List.of("NOTSET", "VALID").contains(NodeReading.text(convolution, "auto_pad", "NOTSET"));
    }

    private static boolean hasConstantWeights(GraphEditor graph, NodeProto convolution) {
        boolean floats = graph.isConstant(convolution.getInput(1))
                && graph.type(convolution.getInput(1)).filter(type -> type.elementType() == ElementType.FLOAT).isPresent();
        return floats && NodeReading.input(convolution, 2).map(graph::isConstant).orElse(true);
    }

    private static float[] bias(GraphEditor graph, NodeProto convolution, int outputs) {
        float[] bias = new float[outputs];
        NodeReading.input(convolution, 2).ifPresent(name -> graph.content(name).asFloatBuffer().get(bias));
        return bias;
    }

    private static String scaled(GraphEditor graph, NodeProto convolution, float scale) {
        String name = convolution.getInput(1);
        if (scale == 1) {
            return name;
        }
        FloatBuffer weights = graph.content(name).asFloatBuffer();
        ByteBuffer content = ByteBuffer.allocate(weights.limit() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (weights.hasRemaining()) {
            content.putFloat(scale * weights.get());
        }
        return graph.constant(name, graph.type(name).orElseThrow(), content.flip());
    }

    private static NodeProto.Builder with(GraphEditor graph, NodeProto convolution, String weights, float[] bias) {
        ByteBuffer content = ByteBuffer.allocate(bias.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : bias) {
            content.putFloat(value);
        }
        String constant = graph.constant("bias", TensorType.of(ElementType.FLOAT, bias.length), content.flip());
        NodeProto.Builder changed = convolution.toBuilder().setInput(1, weights);
        return changed.getInputCount() > 2 ? changed.setInput(2, constant) : changed.addInput(constant);
    }
}
