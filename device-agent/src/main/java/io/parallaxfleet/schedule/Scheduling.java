package io.parallaxfleet.schedule;

import java.util.Objects;

/**
 * What a scheduler decides by. Immutable.
 *
 * @param layerBarrier whether a layer waits until the layers before it have ended, as in the paper
 * @param subset what runs side by side where the memory budget does not hold all that could
 */
public record Scheduling(boolean layerBarrier, SubsetRule subset) {
    public Scheduling {
        Objects.requireNonNull(subset, "subset");
    }

    /** No barrier, and the set that saves most time. */
    public static Scheduling defaults() {
        return new Scheduling(false, SubsetRule.MOST_TIME_SAVED);
    }
}
