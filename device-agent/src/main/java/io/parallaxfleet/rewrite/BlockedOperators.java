package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keeps operators between convolutions in blocked layout. What works element by element needs nothing for it. With a batch of one
 * the channel blocks are the outermost dimension in memory, so that joining and splitting at whole blocks are too what they
 * were. A factor for each channel is a convolution of each channel alone.
 */
final class BlockedOperators {
    private static final Set<String> ELEMENTWISE = Set.of("Relu", "Sigmoid", "Tanh", "HardSigmoid", "LeakyRelu", "Clip", "Elu", "HardSwish",
            "Abs", "Neg", "Exp", "Sqrt", "Erf", "Softplus");
    private static final Set<String> MICROSOFT_ELEMENTWISE = Set.of("QuickGelu", "Gelu");
    private static final Set<String> BINARY = Set.of("Add", "Sub", "Mul", "Div");
    private static final Set<String> POOLS = Set.of("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool");
    private static final Set<String> INSIDE_CONVOLUTIONS = Set.of("Relu", "Sigmoid", "Tanh", "HardSigmoid");
    private static final float HARD_SIGMOID_ALPHA = 0.2f;
    private static final float HARD_SIGMOID_BETA = 0.5f;

    private final GraphEditor graph;
    private final BlockedTensors tensors;
    /** Tensors that had one reader and were no output, before anything was moved. */
    private final Set<String> readOnce;

    BlockedOperators(GraphEditor graph, BlockedTensors tensors, Set<String> readOnce) {
        this.graph = graph;
        this.tensors = tensors;
        this.readOnce = readOnce;
    }

    /** What became of an operator. */
    enum Result {
        LEFT,
        /** Where ONNX Runtime's optimiser would have moved it too. */
        MOVED,
        /** Where that would have left the layout. */
        KEPT_IN_LAYOUT
    }

    Result move(NodeProto node) {
        boolean standard = node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx");
        String type = node.getOpType();
        if (node.getInputCount() == 0 || node.getOutputCount() == 0) {
            return Result.LEFT;
        }
        if (standard && POOLS.contains(type)) {
            return pool(node);
        }
        if (standard && ELEMENTWISE.contains(type) || node.getDomain().equals(NodeReading.MICROSOFT) && MICROSOFT_ELEMENTWISE.contains(type)) {
            return elementwise(node);
        }
        if (standard && BINARY.contains(type)) {
            return binary(node);
        }
        return standard ? moveBetweenChannels(node) : Result.LEFT;
    }

    private Result moveBetweenChannels(NodeProto node) {
        return switch (node.getOpType()) {
            case "Concat" -> concat(node);
            case "Split" -> split(node);
            case "Resize" -> resize(node);
            default -> Result.LEFT;
        };
    }

    private Result pool(NodeProto node) {
        if (!tensors.isBlocked(node.getInput(0)) || !NodeReading.hasOneOutput(node)) {
            return Result.LEFT;
        }
        String made = tensors.add(BlockedTensors.DOMAIN, node.getOpType(), List.of(tensors.joined(node.getInput(0))), node.getOutput(0),
                node.getAttributeList());
        tensors.replace(node, List.of(made));
        return Result.MOVED;
    }

    private Result elementwise(NodeProto node) {
        String input = node.getInput(0);
        boolean constantsOnly = node.getInputList().stream().skip(1).allMatch(other -> other.isEmpty() || graph.isConstant(other));
        if (!tensors.isBlocked(input) || !constantsOnly) {
            return Result.LEFT;
        }
        if (insideConvolutions(node)) {
            return Result.MOVED;
        }
        List<String> made = new ArrayList<>();
        for (String part : tensors.parts(input)) {
            made.add(tensors.add(node.getDomain(), node.getOpType(), with(node, List.of(input), List.of(part)), node.getOutput(0), node.getAttributeList()));
        }
        tensors.replace(node, made);
        return Result.MOVED;
    }

    /** An activation that only follows convolutions becomes theirs. */
    private boolean insideConvolutions(NodeProto node) {
        String input = node.getInput(0);
        List<NodeProto> writers = tensors.parts(input).stream().map(part -> graph.writer(part).orElseThrow()).toList();
        boolean alone = readOnce.contains(input) && writers.stream().allMatch(writer -> isConvolution(writer) && !isActivated(writer));
        if (!alone || !INSIDE_CONVOLUTIONS.contains(node.getOpType())) {
            return false;
        }
        List<String> parts = tensors.parts(input);
        for (NodeProto writer : writers) {
            NodeProto.Builder activated = writer.toBuilder().addAttribute(NodeReading.attribute("activation", node.getOpType()));
            if (node.getOpType().equals("HardSigmoid")) {
                activated.addAttribute(NodeReading.attribute("activation_params", NodeReading.real(node, "alpha", HARD_SIGMOID_ALPHA),
                        NodeReading.real(node, "beta", HARD_SIGMOID_BETA)));
            }
            graph.remove(writer);
            graph.add(activated.build());
        }
        tensors.replace(node, parts);
        return true;
    }

    private static boolean isConvolution(NodeProto node) {
        return node.getDomain().equals(BlockedTensors.DOMAIN) && node.getOpType().equals("Conv");
    }

    private static boolean isActivated(NodeProto node) {
        return node.getAttributeList().stream().anyMatch(attribute -> attribute.getName().equals("activation"));
    }

    private Result binary(NodeProto node) {
        String left = node.getInput(0);
        String right = node.getInput(1);
        if (graph.isConstant(left) || graph.isConstant(right)) {
            return graph.isConstant(left) ? withConstant(node, right, left) : withConstant(node, left, right);
        }
        if (!tensors.isBlocked(left) || !tensors.isBlocked(right)) {
            return Result.LEFT;
        }
        if (tensors.image(left).equals(tensors.image(right))) {
            // Channels that only fill a block are zero, and zero over zero is no number.
            if (node.getOpType().equals("Div") && !tensors.fillsBlocks(left)) {
                return Result.LEFT;
            }
            if (!node.getOpType().equals("Add") || !insideConvolution(node, left, right) && !insideConvolution(node, right, left)) {
                onBlocked(node, List.of(left, right));
            }
            return Result.MOVED;
        }
        boolean mul = node.getOpType().equals("Mul");
        return mul && (scaledBy(node, left, right) || scaledBy(node, right, left)) ? Result.KEPT_IN_LAYOUT : Result.LEFT;
    }

    /** A sum with what a convolution writes for it alone is made by the convolution. */
    private boolean insideConvolution(NodeProto add, String convolved, String other) {
        List<String> parts = tensors.parts(convolved);
        NodeProto writer = graph.writer(parts.get(0)).orElseThrow();
        if (convolved.equals(other) || !readOnce.contains(convolved) || parts.size() > 1 || !isConvolution(writer) || isActivated(writer)
                || writer.getInputCount() > 3) {
            return false;
        }
        NodeProto.Builder summing = writer.toBuilder();
        if (summing.getInputCount() < 3) {
            summing.addInput("");
        }
        summing.addInput(tensors.joined(other));
        graph.remove(writer);
        graph.add(summing.build());
        tensors.replace(add, parts);
        return true;
    }

    private Result withConstant(NodeProto node, String tensor, String constant) {
        if (!tensors.isBlocked(tensor) || !tensors.image(tensor).equals(tensors.image(node.getOutput(0)))) {
            return Result.LEFT;
        }
        boolean first = node.getInput(0).equals(constant);
        if (graph.scalar(constant).isPresent()) {
            if (first && node.getOpType().equals("Div")) {
                return Result.LEFT;
            }
            onBlocked(node, List.of(tensor));
            return Result.KEPT_IN_LAYOUT;
        }
        long channels = tensors.image(tensor).orElseThrow().get(1);
        List<Long> shape = graph.type(constant).orElseThrow().dimensions();
        boolean channelwise = graph.isFloat(constant, List.of(1L, channels, 1L, 1L)) || graph.isFloat(constant, List.of(channels, 1L, 1L));
        if (shape.size() > 4 || !channelwise || !Set.of("Mul", "Add").contains(node.getOpType())) {
            return Result.LEFT;
        }
        int filled = BlockedWeights.filled(channels, tensors.block());
        ByteBuffer row = BlockedWeights.row(graph.content(constant).asFloatBuffer(), tensors.block());
        boolean mul = node.getOpType().equals("Mul");
        String scale = tensors.constant(constant, List.of((long) filled, 1L, 1L, 1L), mul ? row : ones(filled));
        Optional<String> bias = mul ? Optional.empty() : Optional.of(tensors.constant(constant, List.of((long) filled), row));
        tensors.replace(node, List.of(tensors.scaled(tensors.joined(tensor), scale, bias, channels, node.getOutput(0))));
        return Result.KEPT_IN_LAYOUT;
    }

    private static ByteBuffer ones(int count) {
        ByteBuffer ones = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer values = ones.asFloatBuffer();
        while (values.hasRemaining()) {
            values.put(1);
        }
        return ones;
    }

    /** x * s with one s for each channel, as attention on channels ends. */
    private boolean scaledBy(NodeProto node, String tensor, String scale) {
        List<Long> shape = tensors.image(tensor).orElseThrow();
        List<Long> scaling = tensors.image(scale).orElseThrow();
        if (shape.get(0) != 1 || !scaling.equals(List.of(1L, shape.get(1), 1L, 1L))) {
            return false;
        }
        long filled = BlockedWeights.filled(shape.get(1), tensors.block());
        String weights = tensors.add("", "Reshape", List.of(tensors.joined(scale), graph.constant("shape", List.of(filled, 1L, 1L, 1L))), scale, List.of());
        tensors.replace(node, List.of(tensors.scaled(tensors.joined(tensor), weights, Optional.empty(), shape.get(1), node.getOutput(0))));
        return true;
    }

    private Result concat(NodeProto node) {
        boolean whole = alongChannels(node, node.getOutput(0)) && node.getInputList().stream().allMatch(input -> tensors.isBlocked(input) && tensors.fillsBlocks(input));
        if (!whole) {
            return Result.LEFT;
        }
        tensors.replace(node, node.getInputList().stream().flatMap(input -> tensors.parts(input).stream()).toList());
        tensors.joined(node.getOutput(0));
        return Result.MOVED;
    }

    private Result split(NodeProto node) {
        String input = node.getInput(0);
        if (!tensors.isBlocked(input) || !alongChannels(node, input) || !node.getOutputList().stream().allMatch(tensors::fillsBlocks)) {
            return Result.LEFT;
        }
        List<String> outputs = node.getOutputList().stream().map(graph::fresh).toList();
        NodeProto.Builder blocked = node.toBuilder().setName(graph.fresh("Split")).setInput(0, tensors.joined(input)).clearOutput().addAllOutput(outputs);
        graph.add(blocked.build());
        for (int output = 0; output < outputs.size(); output++) {
            tensors.replace(node, output, List.of(outputs.get(output)));
        }
        return Result.KEPT_IN_LAYOUT;
    }

    private boolean alongChannels(NodeProto node, String tensor) {
        long axis = NodeReading.integer(node, "axis", 0);
        return (axis == 1 || axis == -3) && tensors.image(tensor).filter(shape -> shape.get(0) == 1).isPresent();
    }

    /** Enlarging by whole factors to the nearest pixel on the left. */
    private Result resize(NodeProto node) {
        Optional<List<Long>> from = tensors.image(node.getInput(0)).filter(shape -> tensors.isBlocked(node.getInput(0)));
        Optional<List<Long>> to = tensors.image(node.getOutput(0));
        boolean nearest = NodeReading.text(node, "mode", "nearest").equals("nearest")
                && NodeReading.text(node, "coordinate_transformation_mode", "half_pixel").equals("asymmetric")
                && NodeReading.text(node, "nearest_mode", "round_prefer_floor").equals("floor");
        boolean wholly = from.isPresent() && to.isPresent() && from.get().subList(0, 2).equals(to.get().subList(0, 2))
                && Stream.of(2, 3).allMatch(axis -> to.get().get(axis) % from.get().get(axis) == 0);
        if (!nearest || !wholly) {
            return Result.LEFT;
        }
        List<AttributeProto> attributes = List.of(NodeReading.attribute("mode", "nearest"), NodeReading.attribute("scales",
                List.of(1L, 1L, to.get().get(2) / from.get().get(2), to.get().get(3) / from.get().get(3))));
        tensors.replace(node, List.of(tensors.add(BlockedTensors.DOMAIN, "Upsample", List.of(tensors.joined(node.getInput(0))), node.getOutput(0), attributes)));
        return Result.MOVED;
    }

    private void onBlocked(NodeProto node, List<String> moved) {
        List<String> joined = moved.stream().map(tensors::joined).toList();
        tensors.replace(node, List.of(tensors.add("", node.getOpType(), with(node, moved, joined), node.getOutput(0), node.getAttributeList())));
    }

    /** The operator's inputs with some in place of others. */
    private static List<String> with(NodeProto node, List<String> old, List<String> others) {
        return node.getInputList().stream().map(input -> old.contains(input) ? others.get(old.indexOf(input)) : input).toList();
    }
}
