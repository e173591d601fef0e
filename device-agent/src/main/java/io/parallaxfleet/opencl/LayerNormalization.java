package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** LayerNormalization, its root-mean-square form, and ORT's forms that add a residual first. */
final class LayerNormalization implements Lowering {
    private static final String SKIP = "com.microsoft.SkipLayerNormalization";
    private static final String SKIP_SIMPLIFIED = "com.microsoft.SkipSimplifiedLayerNormalization";
    static final Set<String> KINDS = Set.of("LayerNormalization", "SimplifiedLayerNormalization",
            "com.microsoft.SimplifiedLayerNormalization", SKIP, SKIP_SIMPLIFIED);

    /** Inputs by position; -1 for one that the operator does not have. */
    private record Layout(int skip, int scale, int bias, int skipBias, boolean rootMeanSquare) {
        static Layout of(Operator operator) {
            return switch (operator.kind()) {
                case SKIP -> new Layout(1, 2, 3, 4, false);
                case SKIP_SIMPLIFIED -> new Layout(1, 2, -1, 3, true);
                case "LayerNormalization" -> new Layout(-1, 1, 2, -1, false);
                default -> new Layout(-1, 1, -1, -1, true);
            };
        }
    }

    @Override
    public Optional<String> refusal(Operator operator) {
        Layout layout = Layout.of(operator);
        int n = width(operator, layout);
        for (int position : new int[] {layout.scale(), layout.bias(), layout.skipBias()}) {
            if (position >= 0 && operator.hasInput(position) && Shapes.elements(operator.inputShape(position)) != n) {
                return Optional.of("scale and bias must have the normalised shape");
            }
        }
        // The sum of a skip form is its fourth output; mean and deviation are for training.
        for (int output = 1; output < operator.node().outputs().size(); output++) {
            boolean isSum = layout.skip() >= 0 && output == 3;
            if (!operator.node().outputs().get(output).isEmpty() && !isSum) {
                return Optional.of("mean and deviation as outputs have no kernel");
            }
        }
        if (layout.skip() >= 0) {
            int[] in = operator.inputShape(0);
            int[] skip = operator.inputShape(layout.skip());
            if (!Shapes.broadcastable(skip, in) || Shapes.elements(in) % Shapes.elements(skip) != 0
                    || Shapes.elements(skip) % n != 0 || !repeatsFromTheFront(skip, in)) {
                return Optional.of("the residual is broadcast in a way that has no kernel");
            }
        }
        return Optional.empty();
    }

    /** Whether broadcasting only repeats the whole residual. */
    private static boolean repeatsFromTheFront(int[] skip, int[] in) {
        boolean started = false;
        for (int i = 0; i < skip.length; i++) {
            int extent = in[in.length - skip.length + i];
            started |= skip[i] != 1;
            if (started && skip[i] != extent) {
                return false;
            }
        }
        return true;
    }

    private static int width(Operator operator, Layout layout) {
        int[] in = operator.inputShape(0);
        int axis = layout.skip() >= 0 ? in.length - 1 : Shapes.axis(operator.attributes().integer("axis", -1), in.length);
        return Shapes.product(in, axis, in.length);
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        Layout layout = Layout.of(operator);
        int n = width(operator, layout);
        View in = draft.read(operator.input(0));
        int rows = in.elements() / n;
        Launch.Arguments arguments = new Launch.Arguments()
                .reads(in).writes(draft.write(result)).reads(draft.read(operator.input(layout.scale())));
        Map<String, String> macros = new HashMap<>();
        if (layout.rootMeanSquare()) {
            macros.put("RMS", "");
        }
        optional(operator, layout.bias(), "BIAS", arguments, macros, draft);
        int skipRows = 1;
        if (layout.skip() >= 0) {
            optional(operator, layout.skip(), "SKIP", arguments, macros, draft);
            skipRows = Shapes.elements(operator.inputShape(layout.skip())) / n;
            optional(operator, layout.skipBias(), "SKIP_BIAS", arguments, macros, draft);
            if (operator.node().outputs().size() > 3 && !operator.node().outputs().get(3).isEmpty()) {
                arguments.writes(draft.write(operator.node().outputs().get(3)));
                macros.put("SUM", "");
            }
        }
        int per = Rows.per(draft.traits(), n);
        arguments.integers(rows, n, skipRows).real(operator.attributes().real("epsilon", layout.skip() >= 0 ? 1e-12f : 1e-5f))
                .integers(per);
        draft.launch(new Launch(operator.toString(), KernelSource.of("normalize_rows", macros),
                new long[] {Shapes.divideUp(rows, per), 1, 1}, new long[] {32, 1, 1}, arguments.list()));
    }

    private static void optional(
            Operator operator, int position, String macro, Launch.Arguments arguments, Map<String, String> macros, RegionDraft draft) {
        if (position >= 0 && operator.hasInput(position)) {
            arguments.reads(draft.read(operator.input(position)));
            macros.put(macro, "");
        }
    }
}
