package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Moves convolutions into blocked layout, as ONNX Runtime's optimiser would, and cuts those whose threads would get unlike shares. */
final class BlockedConvolutions {
    /** What the blocked operator understands under the same name. */
    private static final Set<String> KEPT = Set.of("auto_pad", "dilations", "strides", "pads", "activation", "activation_params");

    private static final int CHANNEL_MULTIPLE = 4;

    private final GraphEditor graph;
    private final BlockedTensors tensors;

    BlockedConvolutions(GraphEditor graph, BlockedTensors tensors) {
        this.graph = graph;
        this.tensors = tensors;
    }

    static boolean isConvolution(NodeProto node) {
        return NodeReading.isStandard(node, "Conv") || NodeReading.isMicrosoft(node, "FusedConv");
    }

    /** What became of a convolution. */
    enum Result {
        LEFT,
        MOVED,
        CUT
    }

    Result move(NodeProto node) {
        String input = node.getInput(0);
        String weights = node.getInput(1);
        Optional<List<Long>> shape = tensors.image(weights).filter(found -> graph.isConstant(weights));
        Optional<List<Long>> from = tensors.image(input);
        Optional<List<Long>> to = tensors.image(node.getOutput(0));
        Optional<String> bias = NodeReading.input(node, 2);
        if (shape.isEmpty() || from.isEmpty() || to.isEmpty() || bias.filter(name -> !graph.isConstant(name)).isPresent()) {
            return Result.LEFT;
        }
        int block = tensors.block();
        long outputs = shape.get().get(0);
        long group = NodeReading.integer(node, "group", 1);
        boolean channelByChannel = group > 1 && shape.get().get(1) == 1 && outputs == group;
        boolean wholeGroups = shape.get().get(1) % block == 0 && outputs % group == 0 && outputs / group % block == 0;
        if (group > 1 && (outputs % CHANNEL_MULTIPLE != 0 || !channelByChannel && !wholeGroups)) {
            return Result.LEFT;
        }
        boolean image = group == 1 && from.get().get(1) < block && !tensors.isBlocked(input);
        Optional<String> read = image ? Optional.of(input) : tensors.blocked(input);
        Optional<String> sum = NodeReading.input(node, 3);
        Optional<String> summed = sum.flatMap(tensors::blocked);
        if (read.isEmpty() || sum.isPresent() != summed.isPresent()) {
            return Result.LEFT;
        }
        BlockedWeights blocked = BlockedWeights.of(shape.get(), graph.content(weights).asFloatBuffer(), block, !image && !channelByChannel);
        List<Integer> parts = group > 1 || sum.isPresent() || outputs % block != 0 || isAdded(node)
                ? List.of(Math.toIntExact(blocked.outputs() / block))
                : FilterSets.parts(Math.toIntExact(blocked.outputs() / block), to.get().get(2), macs(shape.get(), to.get()), elements(to.get()));
        List<AttributeProto> attributes = attributes(node, shape.get(), channelByChannel ? blocked.outputs() : group);
        List<String> made = new ArrayList<>();
        long done = 0;
        for (int part : parts) {
            long next = done + (long) part * block;
            List<String> inputs = new ArrayList<>(List.of(read.get(), constant(weights, blocked.outputs(done, next))));
            if (bias.isPresent() || summed.isPresent()) {
                inputs.add(bias.isPresent() ? bias(bias.get(), done, next) : "");
            }
            summed.ifPresent(inputs::add);
            made.add(tensors.add(BlockedTensors.DOMAIN, "Conv", inputs, node.getOutput(0), attributes));
            done = next;
        }
        tensors.replace(node, made);
        return parts.size() > 1 ? Result.CUT : Result.MOVED;
    }

    /** A sum can be made inside a convolution, where that is whole. */
    private boolean isAdded(NodeProto node) {
        return graph.readers(node.getOutput(0)).stream().anyMatch(reader -> NodeReading.isStandard(reader, "Add"));
    }

    private String constant(String hint, BlockedWeights weights) {
        return tensors.constant(hint, weights.shape(), weights.content());
    }

    private String bias(String bias, long from, long to) {
        FloatBuffer values = graph.content(bias).asFloatBuffer();
        FloatBuffer part = values.slice((int) from, (int) Math.min(to, values.limit()) - (int) from);
        return tensors.constant(bias, List.of(to - from), BlockedWeights.row(part, tensors.block()));
    }

    private static List<AttributeProto> attributes(NodeProto node, List<Long> weights, long group) {
        List<AttributeProto> attributes = new ArrayList<>(
                node.getAttributeList().stream().filter(attribute -> KEPT.contains(attribute.getName())).toList());
        attributes.add(NodeReading.attribute("group", group));
        attributes.add(NodeReading.attribute("kernel_shape", weights.subList(2, 4)));
        return attributes;
    }

    private static long macs(List<Long> weights, List<Long> output) {
        return elements(weights) * output.get(0) * output.get(2) * output.get(3);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
