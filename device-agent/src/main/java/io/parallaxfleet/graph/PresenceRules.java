package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.NodeProto;
import java.util.List;
import java.util.Optional;

/** Inputs and outputs that an operator may leave out by the format, and whose absence ends the process in ONNX Runtime 1.29 ({@code AbsencesTest}). */
final class PresenceRules {
    private static final int ATTENTION_BIAS = 2;

    private PresenceRules() {}

    /** What an operator lacks, in words that follow its name; empty where it lacks nothing. */
    static Optional<String> violation(NodeProto node) {
        return switch (node.getOpType()) {
            case "Split" -> named(node.getOutputList()) ? Optional.empty() : Optional.of("leaves out one of its outputs");
            case "Einsum", "QLinearConcat", "LayerNormalization" ->
                    named(node.getInputList()) ? Optional.empty() : Optional.of("leaves out one of its inputs before or at the end");
            case "Attention" -> node.getInputCount() > ATTENTION_BIAS && !node.getInput(ATTENTION_BIAS).isEmpty()
                    ? Optional.empty()
                    : Optional.of("has no third input");
            default -> Optional.empty();
        };
    }

    private static boolean named(List<String> tensors) {
        return tensors.stream().noneMatch(String::isEmpty);
    }
}
