package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Operators that end the process in ONNX Runtime 1.29 when a tensor that they work on has no elements ({@code AbsencesTest}). Where sizes are
 * known before the run a model is refused; what only the run sizes is not seen.
 */
public final class EmptyTensors {
    /** How many of the first inputs; those behind them, as caches are, may be empty. */
    private static final Map<String, Integer> INPUTS = Map.of("TopK", 1, "Unique", 1, "DFT", 1, "LSTM", 1, "GRU", 1, "LpNormalization", 1,
            "MultiHeadAttention", 3, "SkipLayerNormalization", 2, "RotaryEmbedding", 1);

    private EmptyTensors() {}

    /** @throws ModelFormatException that names the operator */
    public static void requireNone(String model, ModelGraph graph) {
        for (Node node : graph.nodes()) {
            List<String> inputs = node.inputs();
            for (int input = 0; input < Math.min(inputs.size(), INPUTS.getOrDefault(node.opType(), 0)); input++) {
                TensorType type = graph.type(inputs.get(input)).filter(TensorType::isStatic).orElse(null);
                if (type != null && type.elements() == 0) {
                    throw new ModelFormatException("'" + model + "': the operator '" + node.name() + "' (" + node.opType() + ") reads '"
                            + inputs.get(input) + "' (" + type + "), which is empty, and cannot run on that; bind dimensions above 0");
                }
            }
        }
    }

    /** The first such operator of a model, those in its sub-graphs among them. */
    public static Optional<String> operatorIn(List<NodeProto> nodes) {
        return nodes.stream()
                .flatMap(node -> INPUTS.containsKey(node.getOpType())
                        ? Stream.of(ModelValidation.label(node) + "' (" + node.getOpType() + ")")
                        : node.getAttributeList().stream().filter(AttributeProto::hasG)
                                .flatMap(attribute -> operatorIn(attribute.getG().getNodeList()).stream()))
                .findFirst();
    }
}
