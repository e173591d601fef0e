package io.parallaxfleet.graph;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Multiply-accumulates of one operator from its tensor types (Parallax, Table 8, with 1 MAC = 2 FLOPs: the table counts FLOPs,
 * the thresholds are in MACs).
 *
 * <ul>
 *   <li>Conv: {@code elements(out) · Cin/groups · Kh · Kw}; ConvTranspose: {@code elements(in) · Cout/groups · Kh · Kw}
 *   <li>MatMul, Gemm and their fused forms: {@code elements(out) · K}
 *   <li>fused attention: the two batched products {@code 2 · B · S · S · H}
 *   <li>pooling: {@code elements(out) · Kh · Kw}; reductions and normalisations: {@code elements(in)}
 *   <li>shape and data movement: 0
 *   <li>everything else: {@code elements(out)}
 * </ul>
 *
 * An operator with a data-dependent shape counts 0: its work is not known before the run.
 */
public final class MacEstimate {
    private static final Set<String> MOVEMENT = Set.of(
            "Reshape", "Transpose", "Slice", "Concat", "Split", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Shape", "Gather",
            "GatherND", "GatherElements", "ScatterND", "ScatterElements", "Expand", "Tile", "Pad", "Constant", "ConstantOfShape",
            "Cast", "Size", "Range", "Resize", "Upsample", "NonZero", "DepthToSpace", "SpaceToDepth", "ReorderInput",
            "ReorderOutput", "Dropout", "OneHot", "Where");
    private static final Set<String> REDUCTIONS = Set.of(
            "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
            "GlobalAveragePool", "GlobalMaxPool", "Softmax", "LogSoftmax", "LayerNormalization", "SkipLayerNormalization",
            "SimplifiedLayerNormalization", "InstanceNormalization", "GroupNormalization", "ArgMax", "ArgMin", "TopK");

    private MacEstimate() {}

    /** The estimate for one node; {@code types} gives the tensors that are known. */
    public static long of(Node node, Map<String, TensorType> types) {
        TensorType out = node.outputs().isEmpty() ? null : types.get(node.outputs().get(0));
        if (MOVEMENT.contains(node.opType()) || out == null || !out.isStatic()) {
            return 0;
        }
        return switch (node.opType()) {
            case "Conv", "FusedConv", "ConvInteger", "QLinearConv" -> convolution(node, types, out);
            case "ConvTranspose" -> transposedConvolution(node, types);
            case "MatMul", "FusedMatMul", "Gemm", "FusedGemm", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat",
                    "DynamicQuantizeMatMul", "TransposeMatMul" -> out.elements() * innerDimension(node, types);
            case "Attention", "MultiHeadAttention" -> attention(types.get(node.inputs().get(0)));
            case "MaxPool", "AveragePool", "LpPool" -> out.elements()
                    * product(node.attributes().integers("kernel_shape", List.of(1L)));
            default -> REDUCTIONS.contains(node.opType()) ? elementsOfFirstInput(node, types, out) : out.elements();
        };
    }

    private static long convolution(Node node, Map<String, TensorType> types, TensorType out) {
        TensorType weight = inputType(node, node.opType().equals("QLinearConv") ? 3 : 1, types);
        // Weight is [Cout, Cin/groups, Kh, Kw].
        return weight == null || !weight.isStatic() || weight.rank() < 3 || weight.dimensions().get(0) == 0
                ? out.elements()
                : out.elements() * (weight.elements() / weight.dimensions().get(0));
    }

    private static long transposedConvolution(Node node, Map<String, TensorType> types) {
        TensorType in = inputType(node, 0, types);
        TensorType weight = inputType(node, 1, types);
        // Weight is [Cin, Cout/groups, Kh, Kw].
        if (in == null || weight == null || !in.isStatic() || !weight.isStatic() || weight.dimensions().get(0) == 0) {
            return 0;
        }
        return in.elements() * (weight.elements() / weight.dimensions().get(0));
    }

    private static long innerDimension(Node node, Map<String, TensorType> types) {
        TensorType left = inputType(node, 0, types);
        if (left == null || left.rank() == 0) {
            return 1;
        }
        boolean transposed = node.attributes().integer("transA", 0) != 0 && left.rank() > 1;
        long inner = left.dimensions().get(transposed ? left.rank() - 2 : left.rank() - 1);
        return Math.max(inner, 1);
    }

    private static long attention(TensorType in) {
        if (in == null || !in.isStatic() || in.rank() != 3) {
            return 0;
        }
        long sequence = in.dimensions().get(1);
        return 2 * in.elements() * sequence;
    }

    private static long elementsOfFirstInput(Node node, Map<String, TensorType> types, TensorType out) {
        TensorType in = inputType(node, 0, types);
        return in != null && in.isStatic() ? in.elements() : out.elements();
    }

    private static TensorType inputType(Node node, int position, Map<String, TensorType> types) {
        return position < node.inputs().size() ? types.get(node.inputs().get(position)) : null;
    }

    private static long product(List<Long> values) {
        return values.stream().reduce(1L, (a, b) -> a * b);
    }
}
