package io.parallaxfleet.operators.rollout.staged;

/** What one look at a stage says. */
public sealed interface StageVerdict {
    /** Surely not worse by the harm that must not pass. */
    record Promote(Evidence evidence, Guard guard) implements StageVerdict {}

    /** @param evidence null where what is judged could not be compared */
    record Hold(Cause cause, String why, Evidence evidence, Guard guard) implements StageVerdict {}

    /** @param why the test that spoke; @param evidence null where failures or what guards spoke before it could be compared */
    record Rollback(String why, Evidence evidence, Guard guard) implements StageVerdict {}

    /** Null where what is judged could not be compared. */
    Evidence evidence();

    /** Null where what guards is unavailable. */
    Guard guard();

    /** What a stage waits for. */
    enum Cause {
        /** Members and control do not report in the same share. */
        UNBALANCED,
        TOO_FEW_DEVICES,
        /** It is to be judged, and devices that report say nothing of it. */
        ENERGY_UNAVAILABLE,
        /** Devices that all say the very same. */
        NO_SPREAD,
        MEAN_UNCLEAR,
        TAIL_UNCLEAR,
        /** The latency of what is judged by its energy. */
        GUARD_UNCLEAR
    }

    /**
     * Both changes with the intervals that hold at all looks together.
     *
     * @param meanHalfWidth half width of the interval around {@code mean.change()}
     */
    record Evidence(ChangeEstimate mean, double meanHalfWidth, ChangeEstimate tail, double tailHalfWidth) {}

    /** The change of what guards, with an interval likewise. */
    record Guard(ChangeEstimate estimate, double halfWidth) {
        double low() {
            return estimate.change() - halfWidth;
        }

        double high() {
            return estimate.change() + halfWidth;
        }
    }
}
