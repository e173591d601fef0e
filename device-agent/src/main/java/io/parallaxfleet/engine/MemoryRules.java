package io.parallaxfleet.engine;

import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.schedule.MemoryBudget;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What an engine may take of the memory, and how it stores tensors. Immutable.
 *
 * @param margin share of the free memory that is left alone, in [0, 1) (Section 3.4: 0.3 to 0.5)
 * @param capBytes the most that M_budget may be, whatever is free; empty: no other bound
 * @param sharing which tensors may take one another's storage
 */
public record MemoryRules(double margin, OptionalLong capBytes, StorageSharing sharing) {
    public MemoryRules {
        Objects.requireNonNull(sharing, "sharing");
        if (!(margin >= 0 && margin < 1)) {
            throw new IllegalArgumentException("the memory margin is " + margin + "; it must be in [0, 1)");
        }
        if (capBytes.isPresent() && capBytes.getAsLong() < 0) {
            throw new IllegalArgumentException("the memory budget is capped at " + capBytes.getAsLong() + " bytes; that cannot be negative");
        }
    }

    /** A 40 % margin of what is free, no other bound, one arena for all steps. */
    public static MemoryRules defaults() {
        return new MemoryRules(0.4, OptionalLong.empty(), StorageSharing.ACROSS_STEPS);
    }

    public MemoryRules withMargin(double share) {
        return new MemoryRules(share, capBytes, sharing);
    }

    public MemoryRules withCap(long bytes) {
        return new MemoryRules(margin, OptionalLong.of(bytes), sharing);
    }

    public MemoryRules withSharing(StorageSharing newSharing) {
        return new MemoryRules(margin, capBytes, newSharing);
    }

    /** M_budget in bytes; {@link Long#MAX_VALUE} where neither the OS nor the cap says anything. */
    long budgetBytes(long availableBytes) {
        return Math.min(capBytes.orElse(Long.MAX_VALUE), MemoryBudget.bytes(availableBytes, margin));
    }
}
