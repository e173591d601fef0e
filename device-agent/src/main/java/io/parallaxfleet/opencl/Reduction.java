package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reductions over any axes, and global pooling. Axes that are not neighbours are brought together by a copy first. */
final class Reduction implements Lowering {
    static final Set<String> KINDS = Set.of("GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceSum", "ReduceMax",
            "ReduceMin", "ReduceL2", "ReduceSumSquare");

    @Override
    public boolean isParameter(Operator operator, int position) {
        return position > 0;
    }

    @Override
    public Optional<String> refusal(Operator operator) {
        return operator.inputShape(0).length > StridedCopy.MAX_LOOPS
                ? Optional.of("reductions of more than " + StridedCopy.MAX_LOOPS + " dimensions have no kernel")
                : Optional.empty();
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        int[] shape = operator.inputShape(0);
        boolean[] reduced = reducedAxes(operator, shape.length, draft);
        View in = draft.read(operator.input(0));
        if (nothing(reduced)) {
            StridedCopy.contiguous(in, draft.write(result)).launch(operator.toString(), draft);
            return;
        }
        int first = 0;
        while (!reduced[first]) {
            first++;
        }
        int end = first;
        while (end < shape.length && (reduced[end] || shape[end] == 1)) {
            end++;
        }
        boolean neighbours = true;
        for (int d = end; d < shape.length; d++) {
            neighbours &= !reduced[d];
        }
        int n = reducedElements(shape, reduced);
        int inner = neighbours ? Shapes.product(shape, end, shape.length) : 1;
        int outer = Shapes.elements(shape) / n / inner;
        if (!neighbours) {
            in = reducedLast(operator, in, shape, reduced, draft);
        }
        int per = Rows.per(draft.traits(), n);
        draft.launch(new Launch(operator.toString(), KernelSource.of("reduce", macros(operator)),
                new long[] {Shapes.divideUp(outer * inner, per), 1, 1}, new long[] {32, 1, 1},
                new Launch.Arguments().reads(in).writes(draft.write(result)).integers(outer, n, inner, per).list()));
    }

    private static boolean[] reducedAxes(Operator operator, int rank, RegionDraft draft) {
        boolean[] reduced = new boolean[rank];
        if (operator.kind().startsWith("Global")) {
            Arrays.fill(reduced, 2, rank, true);
            return reduced;
        }
        List<Long> axes = operator.hasInput(1)
                ? Arrays.stream(draft.integers(operator.input(1))).boxed().toList()
                : operator.attributes().integers("axes", List.of());
        if (axes.isEmpty() && operator.attributes().integer("noop_with_empty_axes", 0) == 0) {
            Arrays.fill(reduced, true);
        }
        axes.forEach(axis -> reduced[Shapes.axis(axis, rank)] = true);
        return reduced;
    }

    private static boolean nothing(boolean[] reduced) {
        for (boolean axis : reduced) {
            if (axis) {
                return false;
            }
        }
        return true;
    }

    private static int reducedElements(int[] shape, boolean[] reduced) {
        int n = 1;
        for (int d = 0; d < shape.length; d++) {
            n *= reduced[d] ? shape[d] : 1;
        }
        return n;
    }

    /** The input with the kept axes in front. */
    private static View reducedLast(Operator operator, View in, int[] shape, boolean[] reduced, RegionDraft draft) {
        int[] own = Shapes.strides(shape);
        int[] extents = new int[shape.length];
        int[] from = new int[shape.length];
        int at = 0;
        for (boolean wanted : new boolean[] {false, true}) {
            for (int d = 0; d < shape.length; d++) {
                if (reduced[d] == wanted) {
                    extents[at] = shape[d];
                    from[at++] = own[d];
                }
            }
        }
        View ordered = draft.scratch(in.elements());
        new StridedCopy(in, ordered, extents, from, Shapes.strides(extents), 0, 0).launch(operator + " ordered", draft);
        return ordered;
    }

    private static Map<String, String> macros(Operator operator) {
        String kind = operator.kind();
        String join = switch (kind) {
            case "GlobalMaxPool", "ReduceMax" -> "fmax((a), (v))";
            case "ReduceMin" -> "fmin((a), (v))";
            case "ReduceL2", "ReduceSumSquare" -> "((a) + (v) * (v))";
            default -> "((a) + (v))";
        };
        String start = switch (kind) {
            case "GlobalMaxPool", "ReduceMax" -> "-INFINITY";
            case "ReduceMin" -> "INFINITY";
            default -> "0.0f";
        };
        String finish = switch (kind) {
            case "GlobalAveragePool", "ReduceMean" -> "((a) / (n))";
            case "ReduceL2" -> "sqrt(a)";
            default -> "(a)";
        };
        String lanes = switch (kind) {
            case "GlobalMaxPool", "ReduceMax" -> "lanes_max(a)";
            case "ReduceMin" -> "(-lanes_max(-(a)))";
            default -> "lanes_sum(a)";
        };
        return Map.of("JOIN(a, v)", join, "START", "(" + start + ")", "FINISH(a, n)", finish, "LANES(a)", lanes);
    }
}
