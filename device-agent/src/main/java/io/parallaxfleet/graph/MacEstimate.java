package io.parallaxfleet.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
 *   <li>If: its larger branch; Loop: its body times the trip count where that is a constant of the model, once otherwise; Scan:
 *       its body times the length of the scanned axis, once where that is not known
 * </ul>
 *
 * An operator with a data-dependent shape counts 0: its work is not known before the run. No operator counts more than
 * {@link #MOST_MACS}, so that sums over any graph that can be read fit a {@code long}.
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

    /** Hours of work for a device of today: whoever claims more is as well described by this. */
    static final long MOST_MACS = 10_000_000_000_000L;

    private MacEstimate() {}

    /** The estimate for one node; {@code types} gives the tensors that are known. */
    public static long of(Node node, Map<String, TensorType> types) {
        return Math.min(node.bodies().graphs().isEmpty() ? plain(node, types) : controlFlow(node, types), MOST_MACS);
    }

    /** The estimate for one run of a sub-graph; {@code outerTypes} gives the known tensors around it. */
    public static long of(SubGraph graph, Map<String, TensorType> outerTypes) {
        Map<String, TensorType> types = new HashMap<>(outerTypes);
        types.putAll(graph.types());
        long macs = 0;
        for (Node node : graph.nodes()) {
            macs = Math.min(macs + of(node, types), MOST_MACS);
        }
        return macs;
    }

    /** How often a Loop or Scan runs its body, where the model tells. */
    public static OptionalLong trips(Node node, Map<String, TensorType> types) {
        if (!node.is("Scan") || node.inputs().isEmpty()) {
            return node.bodies().statedTrips();
        }
        TensorType scanned = inputType(node, node.inputs().size() - 1, types);
        List<Long> axes = node.attributes().integers("scan_input_axes", List.of());
        long axis = axes.isEmpty() ? 0 : axes.get(axes.size() - 1);
        if (scanned == null || axis < -scanned.rank() || axis >= scanned.rank()) {
            return OptionalLong.empty();
        }
        long length = scanned.dimensions().get((int) (axis < 0 ? axis + scanned.rank() : axis));
        return length == TensorType.DYNAMIC ? OptionalLong.empty() : OptionalLong.of(length);
    }

    private static long controlFlow(Node node, Map<String, TensorType> types) {
        long most = 0;
        for (SubGraph graph : node.bodies().graphs()) {
            most = Math.max(most, of(graph, types));
        }
        return times(most, trips(node, types).orElse(1));
    }

    /** A product that stops at the largest long; factors are not negative. */
    private static long times(long left, long right) {
        return Math.multiplyHigh(left, right) != 0 || left * right < 0 ? Long.MAX_VALUE : left * right;
    }

    private static long plain(Node node, Map<String, TensorType> types) {
        TensorType out = node.outputs().isEmpty() ? null : types.get(node.outputs().get(0));
        if (MOVEMENT.contains(node.opType()) || out == null || !out.isStatic()) {
            return 0;
        }
        return switch (node.opType()) {
            case "Conv", "FusedConv", "ConvInteger", "QLinearConv" -> convolution(node, types, out);
            case "ConvTranspose" -> transposedConvolution(node, types);
            case "MatMul", "FusedMatMul", "Gemm", "FusedGemm", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat",
                    "DynamicQuantizeMatMul", "TransposeMatMul" -> times(out.elements(), innerDimension(node, types));
            case "Attention", "MultiHeadAttention" -> attention(inputType(node, 0, types));
            case "MaxPool", "AveragePool", "LpPool" -> times(out.elements(), product(node.attributes().integers("kernel_shape", List.of(1L))));
            default -> REDUCTIONS.contains(node.opType()) ? elementsOfFirstInput(node, types, out) : out.elements();
        };
    }

    private static long convolution(Node node, Map<String, TensorType> types, TensorType out) {
        TensorType weight = inputType(node, node.opType().equals("QLinearConv") ? 3 : 1, types);
        // Weight is [Cout, Cin/groups, Kh, Kw].
        return weight == null || !weight.isStatic() || weight.rank() < 3 || weight.dimensions().get(0) == 0
                ? out.elements()
                : times(out.elements(), weight.elements() / weight.dimensions().get(0));
    }

    private static long transposedConvolution(Node node, Map<String, TensorType> types) {
        TensorType in = inputType(node, 0, types);
        TensorType weight = inputType(node, 1, types);
        // Weight is [Cin, Cout/groups, Kh, Kw].
        if (in == null || weight == null || !in.isStatic() || !weight.isStatic() || weight.rank() == 0
                || weight.dimensions().get(0) == 0) {
            return 0;
        }
        return times(in.elements(), weight.elements() / weight.dimensions().get(0));
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
        return times(2 * sequence, in.elements());
    }

    private static long elementsOfFirstInput(Node node, Map<String, TensorType> types, TensorType out) {
        TensorType in = inputType(node, 0, types);
        return in != null && in.isStatic() ? in.elements() : out.elements();
    }

    private static TensorType inputType(Node node, int position, Map<String, TensorType> types) {
        return position < node.inputs().size() ? types.get(node.inputs().get(position)) : null;
    }

    private static long product(List<Long> values) {
        return values.stream().reduce(1L, (product, value) -> times(product, Math.max(value, 0)));
    }
}
