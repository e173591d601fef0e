package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;

/**
 * Numbers that native code takes without looking: where operators say them as attributes or read them from constants of the file, they are
 * held to what a tensor can be. Found by a directed search over operators and extremes with ONNX Runtime 1.29 ({@code ExtremeNumbersTest}):
 * the process ended, or took gigabytes for a model of a few bytes.
 *
 * <p>A number that another operator computes is not seen here.
 */
final class NumberRules {
    /** More dimensions than a tensor has. */
    private static final int MOST_DIMENSIONS = 64;
    private static final Set<String> DIMENSIONS = Set.of("axis", "axes", "batch_dims", "batch_axis", "time_axis", "scan_input_axes",
            "scan_output_axes", "gather_axis", "quantize_axis");
    private static final int LARGEST_SIZE = 1 << 20;
    private static final Set<String> SIZES = Set.of("hidden_size", "output_height", "output_width", "qkv_hidden_sizes", "pooled_shape");
    private static final Set<String> SIZES_OR_NONE = Set.of("num_heads", "kv_num_heads", "sampling_ratio", "max_skip_count",
            "rotary_embedding_dim", "ngram_size", "block_size");
    /** 2 GiB of the type that such numbers mostly stand for. */
    private static final int MOST_ELEMENTS = Integer.MAX_VALUE / Float.BYTES;

    private NumberRules() {}

    /** What is wrong with the numbers of an operator, in words that follow its name; empty where nothing is. */
    static Optional<String> violation(NodeProto node, Map<String, TensorProto> constants) {
        for (AttributeProto attribute : node.getAttributeList()) {
            List<Long> numbers = attribute.getType() == AttributeProto.AttributeType.INT ? List.of(attribute.getI()) : attribute.getIntsList();
            for (long number : numbers) {
                if (!isAllowed(attribute.getName(), number)) {
                    return Optional.of("has " + attribute.getName() + " " + number);
                }
            }
        }
        return switch (node.getOpType()) {
            case "Range" -> range(node, constants);
            case "HannWindow", "HammingWindow", "BlackmanWindow", "ConstantOfShape" -> made(reals(constants, node, 0));
            case "Expand", "Tile", "OneHot", "CenterCropPad", "AffineGrid" -> made(reals(constants, node, 1));
            case "MaxUnpool" -> made(reals(constants, node, 2));
            case "MelWeightMatrix" -> made(Stream.of(0, 1).flatMap(input -> reals(constants, node, input).stream()).toList());
            case "Resize" -> made(reals(constants, node, 2)).or(() -> made(reals(constants, node, 3)));
            case "Pad" -> reals(constants, node, 1).stream().filter(pad -> Math.abs(pad) > MOST_ELEMENTS).findFirst()
                    .map(pad -> "pads by " + pad.longValue());
            case "RandomNormal", "RandomUniform" -> made(integers(node, "shape").stream().map(Long::doubleValue).toList()).or(() -> random(node));
            case "RandomNormalLike", "RandomUniformLike" -> random(node);
            case "Trilu" -> reals(constants, node, 1).stream().filter(k -> Math.abs(k) > Integer.MAX_VALUE).findFirst()
                    .map(k -> "reads the diagonal " + k.longValue());
            case "Attention" -> widths(node, constants);
            case "GatherBlockQuantized" -> integers(node, "block_size").contains(0L) ? Optional.of("has block_size 0") : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isAllowed(String attribute, long number) {
        if (DIMENSIONS.contains(attribute)) {
            return -MOST_DIMENSIONS <= number && number <= MOST_DIMENSIONS;
        }
        if (SIZES.contains(attribute)) {
            return 1 <= number && number <= LARGEST_SIZE;
        }
        if (SIZES_OR_NONE.contains(attribute)) {
            return 0 <= number && number <= LARGEST_SIZE;
        }
        return switch (attribute) {
            // Widths of packed numbers.
            case "bits" -> 1 <= number && number <= Byte.SIZE;
            // Places in the output, which is as long as the largest says.
            case "ngram_indexes" -> 0 <= number && number <= MOST_ELEMENTS;
            case "sample_size" -> number <= MOST_ELEMENTS;
            default -> true;
        };
    }

    private static Optional<String> range(NodeProto node, Map<String, TensorProto> constants) {
        double[] numbers = new double[3];
        for (int input = 0; input < numbers.length; input++) {
            List<Double> read = reals(constants, node, input);
            if (read.size() != 1) {
                return Optional.empty();
            }
            numbers[input] = read.get(0);
        }
        double count = Math.ceil((numbers[1] - numbers[0]) / numbers[2]);
        // No number at all where a bound is none.
        return count <= MOST_ELEMENTS ? Optional.empty() : Optional.of("counts from " + numbers[0] + " to " + numbers[1] + " by " + numbers[2]
                + ", which gives more numbers than a tensor of 2 GiB holds");
    }

    /** A tensor of these dimensions is made, or one of another as many times, or scales, as large. */
    private static Optional<String> made(List<Double> dimensions) {
        double elements = dimensions.stream().mapToDouble(dimension -> Math.max(dimension, 1)).reduce(1, (a, b) -> a * b);
        return elements <= MOST_ELEMENTS
                ? Optional.empty()
                : Optional.of("makes a tensor of more than 2 GiB by the numbers " + dimensions);
    }

    /** Queries, keys and values are cut out of one product by the widths that the attribute says. */
    private static Optional<String> widths(NodeProto node, Map<String, TensorProto> constants) {
        List<Long> widths = integers(node, "qkv_hidden_sizes");
        TensorProto weights = node.getInputCount() > 1 ? constants.get(node.getInput(1)) : null;
        boolean fits = widths.isEmpty() || weights == null || weights.getDimsCount() != 2
                || widths.stream().mapToLong(Long::longValue).sum() == weights.getDims(1);
        return fits ? Optional.empty() : Optional.of("has qkv_hidden_sizes " + widths + " for weights of the shape " + weights.getDimsList());
    }

    private static Optional<String> random(NodeProto node) {
        return firstBad(node, "scale", scale -> scale > 0 && Double.isFinite(scale))
                .or(() -> firstBad(node, "mean", Double::isFinite))
                .or(() -> firstBad(node, "low", Double::isFinite))
                .or(() -> firstBad(node, "high", Double::isFinite))
                .or(() -> {
                    double low = real(node, "low", 0);
                    double high = real(node, "high", 1);
                    return node.getOpType().startsWith("RandomUniform") && !(low < high)
                            ? Optional.of("draws from " + low + " up to " + high)
                            : Optional.empty();
                });
    }

    private static Optional<String> firstBad(NodeProto node, String name, DoublePredicate good) {
        return node.getAttributeList().stream().filter(attribute -> attribute.getName().equals(name) && !good.test(attribute.getF()))
                .findFirst().map(attribute -> "has " + name + " " + attribute.getF());
    }

    private static double real(NodeProto node, String name, double otherwise) {
        return node.getAttributeList().stream().filter(attribute -> attribute.getName().equals(name)).mapToDouble(AttributeProto::getF)
                .findFirst().orElse(otherwise);
    }

    private static List<Long> integers(NodeProto node, String name) {
        return node.getAttributeList().stream().filter(attribute -> attribute.getName().equals(name)).findFirst()
                .map(attribute -> attribute.getType() == AttributeProto.AttributeType.INT ? List.of(attribute.getI()) : attribute.getIntsList())
                .orElse(List.of());
    }

    /** A small constant's numbers; empty where the input is none, or lies beside the file. */
    private static List<Double> reals(Map<String, TensorProto> constants, NodeProto node, int input) {
        TensorProto tensor = input < node.getInputCount() ? constants.get(node.getInput(input)) : null;
        List<Double> numbers = new ArrayList<>();
        if (tensor == null) {
            return numbers;
        }
        tensor.getInt64DataList().forEach(number -> numbers.add(number.doubleValue()));
        tensor.getInt32DataList().forEach(number -> numbers.add(number.doubleValue()));
        tensor.getFloatDataList().forEach(number -> numbers.add(number.doubleValue()));
        tensor.getDoubleDataList().forEach(numbers::add);
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        ElementType type = ElementType.ofOnnxCode(tensor.getDataType()).orElse(null);
        if (type == null || raw.remaining() > MOST_DIMENSIONS * Long.BYTES) {
            return numbers;
        }
        while (raw.remaining() >= type.bytes()) {
            switch (type) {
                case INT64 -> numbers.add((double) raw.getLong());
                case INT32 -> numbers.add((double) raw.getInt());
                case INT16 -> numbers.add((double) raw.getShort());
                case FLOAT -> numbers.add((double) raw.getFloat());
                case DOUBLE -> numbers.add(raw.getDouble());
                case UINT8, INT8, UINT16, UINT32, UINT64, BOOL, FLOAT16, BFLOAT16 -> {
                    return numbers;
                }
            }
        }
        return numbers;
    }
}
