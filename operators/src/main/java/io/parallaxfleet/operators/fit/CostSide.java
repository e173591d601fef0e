package io.parallaxfleet.operators.fit;

/** What a timed run says something about. The codes are stored and never change. */
public enum CostSide {
    /** A branch of a plan that runs wholly on the CPU, timed by itself. */
    CPU(1),
    /** A branch that ran on the accelerator, timed by itself. */
    ACCELERATOR(2),
    /**
     * What delegated regions would have cost on the CPU, by what delegating them changed in the whole inference. The only one that
     * may be negative: it is a difference of two noisy times.
     */
    CPU_BY_CONTRAST(3),
    /** A CPU branch of a plan that delegates: the operators left over, often those that use the CPU worst. */
    CPU_LEFT_OVER(4);

    private final int code;

    CostSide(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** @throws IllegalArgumentException when no side has the code */
    public static CostSide ofCode(int code) {
        for (CostSide side : values()) {
            if (side.code == code) {
                return side;
            }
        }
        throw new IllegalArgumentException("no side of the cost model has code " + code);
    }
}
