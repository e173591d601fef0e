package io.parallaxfleet.operators.rollout.staged;

/** What one look at a stage says. */
public sealed interface StageVerdict {
    /** Surely not slower by the harm that must not pass. */
    record Promote(Evidence evidence) implements StageVerdict {}

    /** @param evidence null where latencies could not be compared */
    record Hold(Cause cause, String why, Evidence evidence) implements StageVerdict {}

    /** @param why the test that spoke; @param evidence null where failures spoke before latencies could be compared */
    record Rollback(String why, Evidence evidence) implements StageVerdict {}

    /** What a stage waits for. */
    enum Cause {
        /** Members and control do not report in the same share. */
        UNBALANCED,
        TOO_FEW_DEVICES,
        /** Devices that all say the very same. */
        NO_SPREAD,
        MEAN_UNCLEAR,
        TAIL_UNCLEAR
    }

    /**
     * Both changes with the intervals that hold at all looks together.
     *
     * @param meanHalfWidth half width of the interval around {@code mean.change()}
     */
    record Evidence(ChangeEstimate mean, double meanHalfWidth, ChangeEstimate tail, double tailHalfWidth) {}
}
