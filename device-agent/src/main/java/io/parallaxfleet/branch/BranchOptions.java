package io.parallaxfleet.branch;

/**
 * The refinement of Section 3.2: when a layer's branches may run side by side.
 *
 * @param beta most that F_max / F_min of a parallel layer may be
 * @param minOperators fewest operators of each of its branches; the paper's N &gt; 2 is 3
 */
public record BranchOptions(double beta, int minOperators) {
    public BranchOptions {
        if (!(beta >= 1)) {
            throw new IllegalArgumentException("beta is " + beta + "; F_max / F_min is never below 1");
        }
        if (minOperators < 1) {
            throw new IllegalArgumentException("minOperators is " + minOperators + "; every branch has at least 1");
        }
    }

    /** The paper's constants: β = 1.5, N &gt; 2. */
    public static BranchOptions paper() {
        return new BranchOptions(1.5, 3);
    }
}
