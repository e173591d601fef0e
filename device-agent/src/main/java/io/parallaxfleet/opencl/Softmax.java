package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import java.util.Map;
import java.util.Optional;

/** Softmax along one axis, as ONNX defines it from operator set 13 on (and before, on the last axis). */
final class Softmax implements Lowering {
    @Override
    public Optional<String> refusal(Operator operator) {
        return operator.inputShape(0).length == 0 ? Optional.of("a scalar has no axis") : Optional.empty();
    }

    @Override
    public void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft) {
        int[] shape = operator.inputShape(0);
        int axis = Shapes.axis(operator.attributes().integer("axis", -1), shape.length);
        int outer = Shapes.product(shape, 0, axis);
        int n = shape[axis];
        int inner = Shapes.product(shape, axis + 1, shape.length);
        View in = draft.read(operator.input(0));
        View out = draft.write(result);
        DeviceTraits traits = draft.traits();
        if (inner == 1) {
            int per = Rows.per(traits, n);
            draft.launch(new Launch(operator.toString(), KernelSource.of("softmax", Map.of()), new long[] {Shapes.divideUp(outer, per), 1, 1},
                    new long[] {32, 1, 1}, new Launch.Arguments().reads(in).writes(out).integers(outer, n, per).list()));
        } else {
            draft.launch(new Launch(operator.toString(), KernelSource.of("softmax_strided", Map.of()),
                    new long[] {Shapes.divideUp(inner, traits.vectorWidth()), outer, 1}, new long[] {32, 1, 1},
                    new Launch.Arguments().reads(in).writes(out).integers(outer, n, inner).list()));
        }
    }
}
