package io.parallaxfleet.memory;

import java.util.Map;

/**
 * Where each tensor that crosses steps lies in one arena.
 *
 * @param offsets offset in bytes by tensor, aligned to {@link MemoryPlan#ALIGNMENT_BYTES}
 * @param bytes size of the arena
 */
public record CrossStepPlan(Map<String, Long> offsets, long bytes) {
    public CrossStepPlan {
        offsets = Map.copyOf(offsets);
    }
}
