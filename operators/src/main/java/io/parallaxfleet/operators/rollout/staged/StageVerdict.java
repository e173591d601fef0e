package io.parallaxfleet.operators.rollout.staged;

/** What one look at a stage says. */
public sealed interface StageVerdict {
    /** Surely not slower by the harm that must not pass. */
    record Promote(Evidence evidence) implements StageVerdict {}

    record Hold(String why) implements StageVerdict {}

    /** @param why the test that spoke; @param evidence null where failures spoke before latencies could be compared */
    record Rollback(String why, Evidence evidence) implements StageVerdict {}

    /**
     * Both changes with the intervals that hold at all looks together.
     *
     * @param meanHalfWidth half width of the interval around {@code mean.change()}
     */
    record Evidence(ChangeEstimate mean, double meanHalfWidth, ChangeEstimate tail, double tailHalfWidth) {}
}
