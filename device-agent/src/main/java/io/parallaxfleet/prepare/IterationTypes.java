package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Types of what a Loop or Scan feeds its body, wide enough for every iteration. ONNX infers no shape for what a Loop hands on,
 * since it may change; here the shape before the first iteration is assumed, and where the body gives another back that dimension is
 * opened and the body looked at again. What stays is a fixed point: it holds for the first iteration, and if for one then for the
 * next. Not thread-safe.
 */
final class IterationTypes {
    private final GraphProto.Builder body;
    /** By position among the body's inputs: where the next iteration's value stands among its outputs. */
    private final Map<Integer, Integer> handedOn;

    private IterationTypes(GraphProto.Builder body, Map<Integer, Integer> handedOn) {
        this.body = body;
        this.handedOn = handedOn;
    }

    /**
     * Writes what is assumed into the body's inputs.
     *
     * @param typeOf what is known of tensors around the body
     * @return empty where the operator does not iterate, or its inputs do not fit its body
     */
    static Optional<IterationTypes> assume(
            NodeProto node, GraphProto.Builder body, Function<String, Optional<TensorType>> typeOf) {
        return switch (node.getOpType()) {
            case "Loop" -> assumeLoop(node, body, typeOf);
            case "Scan" -> assumeScan(node, body, typeOf);
            default -> Optional.empty();
        };
    }

    private static Optional<IterationTypes> assumeLoop(
            NodeProto node, GraphProto.Builder body, Function<String, Optional<TensorType>> typeOf) {
        int values = Math.max(0, node.getInputCount() - 2);
        if (body.getInputCount() != values + 2 || body.getOutputCount() < values + 1) {
            return Optional.empty();
        }
        scalarUnlessShaped(body, 0, ElementType.INT64);
        scalarUnlessShaped(body, 1, ElementType.BOOL);
        Map<Integer, Integer> handedOn = new TreeMap<>();
        for (int value = 0; value < values; value++) {
            int input = value + 2;
            typeOf.apply(node.getInput(input)).ifPresent(type -> set(body, input, type));
            handedOn.put(input, value + 1);
        }
        return Optional.of(new IterationTypes(body, handedOn));
    }

    private static Optional<IterationTypes> assumeScan(
            NodeProto node, GraphProto.Builder body, Function<String, Optional<TensorType>> typeOf) {
        int scanned = (int) attribute(node, "num_scan_inputs").map(AttributeProto::getI).orElse(0L).longValue();
        int values = node.getInputCount() - scanned;
        // Before opset 9 a first input held lengths of sequences and a batch stood in front of every axis.
        if (scanned < 1 || values < 0 || body.getInputCount() != node.getInputCount() || body.getOutputCount() < values) {
            return Optional.empty();
        }
        List<Long> axes = attribute(node, "scan_input_axes").map(AttributeProto::getIntsList).orElse(List.of());
        Map<Integer, Integer> handedOn = new TreeMap<>();
        for (int position = 0; position < node.getInputCount(); position++) {
            int input = position;
            Optional<TensorType> outer = typeOf.apply(node.getInput(position));
            if (position < values) {
                handedOn.put(position, position);
                outer.ifPresent(type -> set(body, input, type));
            } else {
                long axis = axes.isEmpty() ? 0 : axes.get(position - values);
                outer.flatMap(type -> without(type, axis)).ifPresent(type -> set(body, input, type));
            }
        }
        return Optional.of(new IterationTypes(body, handedOn));
    }

    private static Optional<AttributeProto> attribute(NodeProto node, String name) {
        return node.getAttributeList().stream().filter(attribute -> attribute.getName().equals(name)).findFirst();
    }

    private static void scalarUnlessShaped(GraphProto.Builder body, int input, ElementType element) {
        if (TensorTypes.of(body.getInput(input)).isEmpty()) {
            set(body, input, TensorType.of(element));
        }
    }

    private static void set(GraphProto.Builder body, int input, TensorType type) {
        body.setInput(input, TensorTypes.info(body.getInput(input).getName(), type));
    }

    private static Optional<TensorType> without(TensorType type, long axis) {
        if (axis < -type.rank() || axis >= type.rank()) {
            return Optional.empty();
        }
        List<Long> dimensions = new ArrayList<>(type.dimensions());
        dimensions.remove((int) (axis < 0 ? axis + type.rank() : axis));
        return Optional.of(new TensorType(type.elementType(), dimensions));
    }

    /**
     * Opens what the body gives back otherwise than it was fed.
     *
     * @param typeOf what is known now of the tensors inside the body and around it
     * @return whether anything was opened, so that the body's types have to be inferred again
     */
    boolean widen(Function<String, Optional<TensorType>> typeOf) {
        boolean widened = false;
        for (Map.Entry<Integer, Integer> pair : handedOn.entrySet()) {
            ValueInfoProto input = body.getInput(pair.getKey());
            Optional<TensorType> fed = TensorTypes.of(input);
            if (fed.isEmpty()) {
                continue;
            }
            Optional<TensorType> given = typeOf.apply(body.getOutput(pair.getValue()).getName())
                    .filter(type -> type.rank() == fed.get().rank() && type.elementType() == fed.get().elementType());
            if (given.isEmpty()) {
                ValueInfoProto.Builder open = input.toBuilder();
                open.getTypeBuilder().getTensorTypeBuilder().clearShape();
                body.setInput(pair.getKey(), open);
                widened = true;
                continue;
            }
            TensorType both = covering(fed.get(), given.get());
            if (!both.equals(fed.get())) {
                set(body, pair.getKey(), both);
                widened = true;
            }
        }
        return widened;
    }

    /** Types of what a Loop ends with; ONNX infers those of a Scan by itself. */
    List<ValueInfoProto> results(NodeProto node) {
        List<ValueInfoProto> results = new ArrayList<>();
        int values = handedOn.size();
        for (int value = 0; node.getOpType().equals("Loop") && value < Math.min(values, node.getOutputCount()); value++) {
            // The type that every iteration is fed holds for the last one's result as well, and for none at all.
            Optional<TensorType> type = TensorTypes.of(body.getInput(value + 2));
            if (type.isPresent() && !node.getOutput(value).isEmpty()) {
                results.add(TensorTypes.info(node.getOutput(value), type.get()));
            }
        }
        return results;
    }

    /** The narrowest type that holds both, which have one rank. */
    private static TensorType covering(TensorType left, TensorType right) {
        List<Long> dimensions = new ArrayList<>(left.dimensions());
        for (int axis = 0; axis < dimensions.size(); axis++) {
            if (!dimensions.get(axis).equals(right.dimensions().get(axis))) {
                dimensions.set(axis, TensorType.DYNAMIC);
            }
        }
        return new TensorType(left.elementType(), dimensions);
    }
}
