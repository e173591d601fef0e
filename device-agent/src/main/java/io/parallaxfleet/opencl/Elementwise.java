package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Pointwise.Operand;
import io.parallaxfleet.opencl.Pointwise.Step;
import io.parallaxfleet.opencl.Shapes.Loops;
import io.parallaxfleet.opencl.Storage.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Element-wise operators with broadcasting, and chains of them, as one kernel written for the chain. */
final class Elementwise implements Lowering {
    @Override
    public boolean isParameter(Operator operator, int position) {
        return operator.kind().equals("Clip") && position > 0;
    }

    @Override
    public Optional<String> refusal(Operator operator) {
        for (int i = 1; operator.kind().equals("Clip") && i < operator.node().inputs().size(); i++) {
            if (operator.hasInput(i) && operator.refusalOfTensor(operator.input(i)).isPresent()) {
                return operator.refusalOfTensor(operator.input(i));
            }
        }
        return Optional.empty();
    }

    @Override
    public boolean fusesPointwise(Operator operator) {
        return true;
    }

    @Override
    public boolean accepts(Operator operator, int[] operandShape) {
        return Shapes.broadcastable(operandShape, operator.outputShape());
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        Pointwise chain = PointwiseOperators.chain(operator, 0, draft).then(pointwise);
        launch(operator.toString(), Operand.of(operator, 0), chain, operator.outputShape(), draft.write(result), draft);
    }

    static void launch(String label, Operand first, Pointwise chain, int[] shape, View result, RegionDraft draft) {
        List<Operand> operands = new ArrayList<>(List.of(first));
        operands.addAll(chain.operands());
        int[][] strides = new int[operands.size() + 1][];
        strides[0] = Shapes.strides(shape);
        for (int i = 0; i < operands.size(); i++) {
            strides[i + 1] = Shapes.broadcastStrides(operands.get(i).shape(), shape);
        }
        Loops loops = Loops.merged(shape, strides);
        int rank = loops.rank();
        int inner = loops.extents()[rank - 1];
        int outer = Shapes.product(loops.extents(), 0, rank - 1);
        DeviceTraits traits = draft.traits();
        int streamed = traits.streamVectors() * traits.vectorWidth();
        int per = traits.cpu() ? Math.max(1, streamed / inner) : 1;

        Launch.Arguments arguments = new Launch.Arguments().writes(result);
        operands.forEach(operand -> arguments.reads(operand.view().apply(draft)));
        arguments.integers(inner, outer, streamed, per);
        for (int d = rank - 2; d >= 0; d--) {
            arguments.integers(loops.extents()[d]);
            for (int i = 1; i < strides.length; i++) {
                arguments.integers(loops.strides()[i][d]);
            }
        }
        boolean[] repeated = new boolean[operands.size()];
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = loops.strides()[i + 1][rank - 1] == 0;
        }
        draft.launch(new Launch(label, source(traits.vectorWidth(), rank, repeated, chain),
                new long[] {Shapes.divideUp(inner, streamed), Shapes.divideUp(outer, per), 1}, new long[] {64, 1, 1},
                arguments.list()));
    }

    private static KernelSource source(int width, int rank, boolean[] repeated, Pointwise chain) {
        StringBuilder text = new StringBuilder("__kernel void $K(__global float* out, int out_off");
        for (int k = 0; k < repeated.length; k++) {
            text.append(", __global const float* p").append(k).append(", int p").append(k).append("_off");
        }
        text.append(",\n    int n, int outer, int chunk, int per");
        for (int d = 1; d < rank; d++) {
            text.append(", int n").append(d);
            for (int k = 0; k < repeated.length; k++) {
                text.append(", int s").append(d).append('_').append(k);
            }
        }
        text.append(") {\n  const int begin = get_global_id(0) * chunk, end = min(n, begin + chunk);\n")
                .append("  const int first = get_global_id(1) * per, last = min(outer, first + per);\n")
                .append("  for (int row = first; row < last; row++) {\n    __global float* y = out + out_off + row * n;\n");
        for (int k = 0; k < repeated.length; k++) {
            text.append("    __global const float* q").append(k).append(" = p").append(k).append(" + p").append(k).append("_off;\n");
        }
        text.append("    int rest = row;\n");
        for (int d = 1; d < rank; d++) {
            text.append("    { const int at = rest % n").append(d).append("; rest /= n").append(d).append(";");
            for (int k = 0; k < repeated.length; k++) {
                text.append(" q").append(k).append(" += at * s").append(d).append('_').append(k).append(';');
            }
            text.append(" }\n");
        }
        text.append("    int i = begin;\n    for (; i + VEC <= end; i += VEC) {\n");
        appendBody(text, KernelSource.vectorType(width), repeated, chain, true);
        text.append("      VSTORE(v, y + i);\n    }\n    for (; i < end; i++) {\n");
        appendBody(text, "float", repeated, chain, false);
        return new KernelSource("pointwise", text.append("      y[i] = v;\n    }\n  }\n}\n").toString());
    }

    private static void appendBody(StringBuilder text, String type, boolean[] repeated, Pointwise chain, boolean vector) {
        text.append("      ").append(type).append(" v = ").append(element(type, 0, repeated, vector)).append(";\n");
        int operand = 1;
        for (Step step : chain.steps()) {
            text.append("      { ");
            if (step.operand().isPresent()) {
                text.append("const ").append(type).append(" x = ").append(element(type, operand++, repeated, vector)).append("; ");
            }
            text.append(step.code().replace("$T", type)).append(" }\n");
        }
    }

    private static String element(String type, int operand, boolean[] repeated, boolean vector) {
        if (repeated[operand]) {
            return "(" + type + ")(q" + operand + "[0])";
        }
        return vector ? "VLOAD(q" + operand + " + i)" : "q" + operand + "[i]";
    }
}
