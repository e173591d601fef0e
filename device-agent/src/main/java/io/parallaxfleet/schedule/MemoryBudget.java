package io.parallaxfleet.schedule;

/**
 * M_budget: the free memory less a safety margin (Parallax, Section 3.4).
 *
 * @param availableBytes what the OS says is available
 * @param margin share of it that is left alone, in [0, 1)
 */
public record MemoryBudget(long availableBytes, double margin) {
    public MemoryBudget {
        if (availableBytes < 0) {
            throw new IllegalArgumentException("available memory is " + availableBytes + " bytes; it cannot be negative");
        }
        if (!(margin >= 0 && margin < 1)) {
            throw new IllegalArgumentException("the memory margin is " + margin + "; it must be in [0, 1)");
        }
    }

    /** Bytes that branches may use; unlimited where the OS does not say what is available. */
    public long budgetBytes() {
        return bytes(availableBytes, margin);
    }

    /** The same without an object, for every run. */
    public static long bytes(long availableBytes, double margin) {
        return availableBytes == Long.MAX_VALUE ? Long.MAX_VALUE : (long) (availableBytes * (1 - margin));
    }
}
