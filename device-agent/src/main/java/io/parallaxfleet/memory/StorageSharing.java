package io.parallaxfleet.memory;

/** Which tensors of a plan may take one another's storage once it is free. */
public enum StorageSharing {
    /** Any two: all steps share one arena. */
    ACROSS_STEPS,
    /** Two that the same step writes: an arena for each step, as in the paper without its cross-arena sharing (Section 3.3). */
    WITHIN_STEPS
}
