package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.RolloutEvent;

/** How things stand with the rollouts of a class. */
public sealed interface RolloutStatus {
    /** For a table. */
    String text();

    /** No rollout of the class was ever started. */
    record None() implements RolloutStatus {
        @Override
        public String text() {
            return "no rollout yet";
        }
    }

    /**
     * A rollout is under way.
     *
     * @param entered the event with which it came to its present stage
     */
    record UnderWay(RolloutEvent entered) implements RolloutStatus {
        @Override
        public String text() {
            return RolloutText.stage(entered);
        }
    }

    /** The last rollout has ended, by the decision of this event. */
    record Ended(RolloutEvent end) implements RolloutStatus {
        @Override
        public String text() {
            return switch (end.getDecision()) {
                case COMPLETE -> "complete";
                case ROLLBACK -> "rolled back";
                case ABORT -> "aborted";
                case PIN -> "pinned";
                case UNKNOWN, PROPOSE, PROMOTE, HOLD, FREEZE, PAUSE, RESUME, UNPIN, RELEASE, REFUSE -> "ended";
            };
        }
    }

    /**
     * Thresholds from elsewhere took the place of the last rollout.
     *
     * @param by who issued them
     */
    record Superseded(long epoch, String by) implements RolloutStatus {
        @Override
        public String text() {
            return "superseded by epoch " + epoch + " of " + by;
        }
    }
}
