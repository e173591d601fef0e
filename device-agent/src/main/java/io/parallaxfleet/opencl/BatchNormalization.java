package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Pointwise.Operand;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;

/** Inference-mode BatchNormalization as a factor and a shift for each channel: {@code γ/√(σ²+ε)} and {@code β − μ·γ/√(σ²+ε)}. */
final class BatchNormalization implements Lowering {
    @Override
    public Optional<String> refusal(Operator operator) {
        for (int i = 1; i < 5; i++) {
            if (!operator.constantInput(i)) {
                return Optional.of("scale, bias, mean and variance must be constant");
            }
        }
        boolean training = operator.attributes().integer("training_mode", 0) != 0
                || operator.node().writes().count() > 1;
        return training ? Optional.of("training mode has no kernel") : Optional.empty();
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
        double epsilon = operator.attributes().real("epsilon", 1e-5f);
        FloatBuffer scale = draft.floats(operator.input(1));
        FloatBuffer bias = draft.floats(operator.input(2));
        FloatBuffer mean = draft.floats(operator.input(3));
        FloatBuffer variance = draft.floats(operator.input(4));
        IntToDoubleFunction factor = c -> scale.get(c) / Math.sqrt(variance.get(c) + epsilon);
        IntToDoubleFunction shift = c -> bias.get(c) - mean.get(c) * factor.applyAsDouble(c);
        Pointwise chain = Pointwise.of("v = v * x;", perChannel(operator, "factor", factor, draft))
                .then(Pointwise.of("v = v + x;", perChannel(operator, "shift", shift, draft)))
                .then(pointwise);
        Elementwise.launch(operator.toString(), Operand.of(operator, 0), chain, operator.outputShape(), draft.write(result), draft);
    }

    private static Operand perChannel(Operator operator, String what, IntToDoubleFunction value, RegionDraft draft) {
        int[] shape = operator.inputShape(0).clone();
        int channels = shape[1];
        Arrays.fill(shape, 1);
        shape[1] = channels;
        return new Operand(shape, Optional.empty(), target -> target.floatConstant(what + " of " + operator.node().name(), channels, () -> {
            float[] values = new float[channels];
            for (int c = 0; c < channels; c++) {
                values[c] = (float) value.applyAsDouble(c);
            }
            return values;
        }));
    }
}
