package io.parallaxfleet.engine;

/** What an {@link ExecutionTrial} came to. */
sealed interface TrialFinding {
    /** Position of the candidate to use. */
    int winner();

    /** No candidate looked faster than the incumbent, or the one that did is not: it stays. */
    record IncumbentStays(RivalEvidence evidence) implements TrialFinding {
        @Override
        public int winner() {
            return 0;
        }
    }

    /** A challenger is surely faster than the incumbent. */
    record ChallengerProven(int challenger, RivalEvidence evidence) implements TrialFinding {
        @Override
        public int winner() {
            return challenger;
        }
    }

    /** A challenger looks faster, and time was up before that was sure: the incumbent serves. */
    record Undecided(int challenger, RivalEvidence evidence) implements TrialFinding {
        @Override
        public int winner() {
            return 0;
        }
    }

    /** Others were busy on the machine all the time: nothing was measured, the incumbent serves. */
    record Disturbed() implements TrialFinding {
        @Override
        public int winner() {
            return 0;
        }
    }

    /**
     * The candidate of the lowest score where it is about energy.
     *
     * @param steady whether its runs scatter so little that the answer can be believed for good
     */
    record BestByScore(int winner, boolean steady) implements TrialFinding {}
}
