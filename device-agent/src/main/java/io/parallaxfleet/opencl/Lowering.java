package io.parallaxfleet.opencl;

import java.util.Optional;

/** How one family of operators becomes kernel launches. Stateless. */
interface Lowering {
    /** Why this operator cannot be lowered, in a few words; empty when it can. Types and constants of tensors are checked before. */
    Optional<String> refusal(Operator operator);

    /**
     * Positions of inputs that are parameters of the operator, not data: they may have any element type, and must be constant.
     */
    default boolean isParameter(Operator operator, int position) {
        return false;
    }

    /**
     * Adds the launches of the operator.
     *
     * @param pointwise what follows the operator element by element, ending in {@code result}; empty unless
     *     {@link #fusesPointwise}
     */
    void lower(Operator operator, Pointwise pointwise, String result, RegionDraft draft);

    /** Whether the operator's kernels can apply following element-wise operators to their result. */
    default boolean fusesPointwise(Operator operator) {
        return false;
    }

    /**
     * Whether a following step's operand of this shape lies beside the result in a way that the kernels know; asked only when
     * {@link #fusesPointwise}.
     */
    default boolean accepts(Operator operator, int[] operandShape) {
        return false;
    }
}
