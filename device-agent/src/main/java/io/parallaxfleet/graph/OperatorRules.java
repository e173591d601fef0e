package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What a few operators need of their constants and attributes before native code sees them: ranks of weights, sizes that are
 * divided by, and what {@link NumberRules} says of single numbers.
 */
final class OperatorRules {
    private static final Set<String> WINDOWED = Set.of("strides", "dilations", "kernel_shape");
    /** Sizes are divided by these, or by the square of one, which would be 0 where it overflows. */
    private static final Set<String> DIVISORS = Set.of("group", "blocksize", "num_groups", "num_outputs");
    private static final int LARGEST_SIZE = 1 << 20;

    private final Path path;

    OperatorRules(Path path) {
        this.path = path;
    }

    private ModelFormatException refusal(NodeProto node, String what) {
        return new ModelFormatException(
                "'" + path + "': the operator '" + ModelValidation.label(node) + "' (" + node.getOpType() + ") " + what + "; export the model again");
    }

    /** Rules that need nothing but the node. */
    void checkNode(NodeProto node) {
        for (AttributeProto attribute : node.getAttributeList()) {
            if (WINDOWED.contains(attribute.getName()) && attribute.getIntsList().stream().anyMatch(OperatorRules::isNoSize)) {
                throw refusal(node, "has " + attribute.getName() + " " + attribute.getIntsList());
            }
            if (DIVISORS.contains(attribute.getName()) && attribute.hasI() && isNoSize(attribute.getI())) {
                throw refusal(node, "has " + attribute.getName() + " " + attribute.getI());
            }
        }
    }

    private static boolean isNoSize(long value) {
        return value < 1 || value > LARGEST_SIZE;
    }

    /**
     * Rules on constants.
     *
     * @param constants those of the graphs around this one; those of the graph are added
     */
    void checkGraph(GraphProto graph, Map<String, TensorProto> constants) {
        graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
        for (NodeProto node : graph.getNodeList()) {
            if (node.getOpType().equals("Constant") && node.getOutputCount() > 0) {
                node.getAttributeList().stream().filter(AttributeProto::hasT)
                        .forEach(attribute -> constants.put(node.getOutput(0), attribute.getT()));
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            PresenceRules.violation(node).or(() -> NumberRules.violation(node, constants)).ifPresent(what -> {
                throw refusal(node, what);
            });
            if (!node.getDomain().isEmpty() && !node.getDomain().equals("ai.onnx")) {
                continue;
            }
            switch (node.getOpType()) {
                case "Conv", "ConvTranspose" -> requireRank(node, constants, 1, 3, 8);
                case "ConvInteger" -> requireRank(node, constants, 1, 3, 8);
                case "QLinearConv" -> requireRank(node, constants, 3, 3, 8);
                case "Gemm" -> {
                    requireRank(node, constants, 0, 2, 2);
                    requireRank(node, constants, 1, 2, 2);
                }
                case "BatchNormalization" -> {
                    for (int input = 1; input <= 4; input++) {
                        requireRank(node, constants, input, 1, 1);
                    }
                }
                case "Div", "Mod" -> requireQuotient(node, constants);
                case "LSTM", "GRU", "RNN" -> {
                    requireRank(node, constants, 1, 3, 3);
                    requireRank(node, constants, 2, 3, 3);
                }
                default -> {
                    // Its shapes are ONNX Runtime's to check.
                }
            }
        }
    }

    private void requireRank(NodeProto node, Map<String, TensorProto> constants, int input, int lowest, int highest) {
        TensorProto weight = input < node.getInputCount() ? constants.get(node.getInput(input)) : null;
        if (weight != null && (weight.getDimsCount() < lowest || weight.getDimsCount() > highest)) {
            throw refusal(node, "reads '" + weight.getName() + "' of the shape " + weight.getDimsList() + ", which has the wrong rank");
        }
    }

    /**
     * The smallest integer over -1 is no integer, and where both are constants ONNX Runtime divides them while it opens the
     * model: the processor's trap ends the process. Seen with 1.29. Where one of the two is computed, only the other is known
     * here: a constant divisor of -1 under a computed dividend is refused with it, as no exporter writes one.
     */
    private void requireQuotient(NodeProto node, Map<String, TensorProto> constants) {
        if (node.getInputCount() < 2) {
            return;
        }
        TensorProto dividend = constants.get(node.getInput(0));
        TensorProto divisor = constants.get(node.getInput(1));
        boolean smallest = dividend != null && holds(dividend, Long.MIN_VALUE, Integer.MIN_VALUE);
        boolean minusOne = divisor != null && holds(divisor, -1, -1);
        if (minusOne && (dividend == null || smallest) || smallest && divisor == null) {
            throw refusal(node, "divides the smallest integer, or what may be it, by -1");
        }
    }

    /** Whether a tensor of 64-bit or 32-bit signed integers holds the number of its width. Content beside the file is not read. */
    private static boolean holds(TensorProto tensor, long wide, int narrow) {
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (tensor.getDataType() == ElementType.INT64.onnxCode()) {
            LongBuffer numbers = raw.asLongBuffer();
            return tensor.getInt64DataList().contains(wide)
                    || IntStream.range(0, numbers.limit()).anyMatch(i -> numbers.get(i) == wide);
        }
        if (tensor.getDataType() == ElementType.INT32.onnxCode()) {
            IntBuffer numbers = raw.asIntBuffer();
            return tensor.getInt32DataList().contains(narrow)
                    || IntStream.range(0, numbers.limit()).anyMatch(i -> numbers.get(i) == narrow);
        }
        return false;
    }
}
