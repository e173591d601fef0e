package io.parallaxfleet.opencl;

import io.parallaxfleet.opencl.Storage.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A chain of element-wise steps on one value {@code v}: the body of an element-wise kernel, or what a matrix, convolution or
 * pooling kernel does with its results before it stores them. Immutable.
 */
record Pointwise(List<Step> steps) {
    static final Pointwise NONE = new Pointwise(List.of());

    /**
     * One step.
     *
     * @param code OpenCL C statements that read and assign {@code v}; {@code x} is the operand's element and {@code $T} the
     *     type of both
     * @param operand the second tensor, where the step has one
     */
    record Step(String code, Optional<Operand> operand) {
        Step {
            Objects.requireNonNull(code, "code");
        }
    }

    /**
     * A tensor that is broadcast to the result.
     *
     * @param shape its dimensions
     * @param tensor the graph tensor it is; empty for constants made by a lowering
     * @param view finds or uploads it
     */
    record Operand(int[] shape, Optional<String> tensor, Function<RegionDraft, View> view) {
        static Operand of(Operator operator, int input) {
            String name = operator.input(input);
            return new Operand(operator.inputShape(input), Optional.of(name), draft -> draft.read(name));
        }
    }

    Pointwise {
        steps = List.copyOf(steps);
    }

    static Pointwise of(String code) {
        return new Pointwise(List.of(new Step(code, Optional.empty())));
    }

    static Pointwise of(String code, Operand operand) {
        return new Pointwise(List.of(new Step(code, Optional.of(operand))));
    }

    Pointwise then(Pointwise next) {
        List<Step> all = new ArrayList<>(steps);
        all.addAll(next.steps);
        return new Pointwise(all);
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    List<Operand> operands() {
        return steps.stream().flatMap(step -> step.operand().stream()).toList();
    }
}
