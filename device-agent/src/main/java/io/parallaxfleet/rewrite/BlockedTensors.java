package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which tensors of a graph there are in blocked layout, and under what names. A tensor may be there in both layouts; it is reordered
 * when somebody asks for the one that is missing. Not thread-safe.
 */
final class BlockedTensors {
    /** ONNX Runtime's own operators on blocked tensors. */
    static final String DOMAIN = "com.microsoft.nchwc";
    /** ReorderInput takes no other numbers of channels. */
    private static final int CHANNEL_MULTIPLE = 4;

    private final GraphEditor graph;
    private final int block;
    /** By the tensor's name; several parts stand for their concatenation along the channels. */
    private final Map<String, List<String>> parts = new HashMap<>();
    /** Those that nobody writes under their own name any more. */
    private final Set<String> moved = new HashSet<>();

    BlockedTensors(GraphEditor graph, int block) {
        this.graph = graph;
        this.block = block;
    }

    int block() {
        return block;
    }

    boolean isBlocked(String tensor) {
        return parts.containsKey(tensor);
    }

    List<String> parts(String tensor) {
        return parts.get(tensor);
    }

    /** Takes an operator out whose first output is now made in blocked layout, of the given parts. */
    void replace(NodeProto node, List<String> blocked) {
        replace(node, 0, blocked);
    }

    void replace(NodeProto node, int output, List<String> blocked) {
        if (graph.holds(node)) {
            graph.remove(node);
        }
        parts.put(node.getOutput(output), List.copyOf(blocked));
        moved.add(node.getOutput(output));
    }

    /** The dimensions of a tensor of floats in four dimensions; empty for every other. */
    Optional<List<Long>> image(String tensor) {
        return graph.type(tensor).filter(type -> type.elementType() == ElementType.FLOAT && type.rank() == 4).map(TensorType::dimensions);
    }

    boolean fillsBlocks(String tensor) {
        return image(tensor).filter(shape -> shape.get(1) % block == 0).isPresent();
    }

    /** A single pixel whose channels fill blocks lies in memory the same way in both layouts. */
    private boolean isWholePixel(String tensor) {
        return fillsBlocks(tensor) && image(tensor).filter(shape -> shape.get(0) == 1 && shape.get(2) == 1 && shape.get(3) == 1).isPresent();
    }

    /** The one blocked tensor of a tensor that {@link #isBlocked}; its parts are joined. */
    String joined(String tensor) {
        List<String> found = parts.get(tensor);
        if (found.size() > 1) {
            parts.put(tensor, List.of(add("", "Concat", found, tensor, List.of(attribute("axis", 1)))));
        }
        return parts.get(tensor).get(0);
    }

    /** The tensor in blocked layout, reordered where it is not yet; empty where it cannot be. */
    Optional<String> blocked(String tensor) {
        if (isBlocked(tensor)) {
            return Optional.of(joined(tensor));
        }
        if (image(tensor).filter(shape -> shape.get(1) % CHANNEL_MULTIPLE == 0).isEmpty()) {
            return Optional.empty();
        }
        if (isWholePixel(tensor)) {
            requirePlain(tensor);
            return Optional.of(tensor);
        }
        parts.put(tensor, List.of(add(DOMAIN, "ReorderInput", List.of(tensor), tensor, List.of(attribute("channels_last", 0)))));
        return Optional.of(joined(tensor));
    }

    /** Makes sure that the tensor is there under its own name, as operators outside the layout and callers read it. */
    void requirePlain(String tensor) {
        if (moved.remove(tensor)) {
            if (isWholePixel(tensor)) {
                graph.reshape(joined(tensor), image(tensor).orElseThrow(), tensor);
                return;
            }
            graph.add(NodeProto.newBuilder().setDomain(DOMAIN).setOpType("ReorderOutput").setName(graph.fresh("ReorderOutput"))
                    .addInput(joined(tensor)).addOutput(tensor)
                    .addAttribute(attribute("channels", image(tensor).orElseThrow().get(1))).addAttribute(attribute("channels_last", 0)).build());
        }
    }

    /** Adds an operator of one output and answers that output's name. */
    String add(String domain, String type, List<String> inputs, String hint, Collection<AttributeProto> attributes) {
        String output = graph.fresh(hint);
        graph.add(NodeProto.newBuilder().setDomain(domain).setOpType(type).setName(graph.fresh(type)).addAllInput(inputs).addOutput(output)
                .addAllAttribute(attributes).build());
        return output;
    }

    /** Adds y = x * scale (+ bias) channel by channel, as the convolution of each channel with its own single weight. */
    String scaled(String blocked, String scale, Optional<String> bias, long channels, String hint) {
        List<String> inputs = bias.map(added -> List.of(blocked, scale, added)).orElse(List.of(blocked, scale));
        return add(DOMAIN, "Conv", inputs, hint, List.of(attribute("group", BlockedWeights.filled(channels, block)),
                NodeReading.attribute("kernel_shape", List.of(1L, 1L))));
    }

    String constant(String hint, List<Long> shape, ByteBuffer content) {
        return graph.constant(hint, new TensorType(ElementType.FLOAT, shape), content);
    }

    private static AttributeProto attribute(String name, long value) {
        return NodeReading.attribute(name, value);
    }
}
