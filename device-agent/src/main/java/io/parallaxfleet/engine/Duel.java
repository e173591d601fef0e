package io.parallaxfleet.engine;

import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Lets a challenger and the incumbent, the first candidate, take turns until it is clear whether the challenger is faster. */
final class Duel {
    /** A round is won by a lead beyond this. Less is not worth another plan. */
    private static final double MUST_REACH = 0.98;

    private final TrialRounds rounds;
    private final int challenger;

    Duel(TrialRounds rounds, int challenger) {
        this.rounds = rounds;
        this.challenger = challenger;
    }

    /**
     * Goes on while there is time, at least for one round.
     *
     * @param decided asked after each round that counted, about the rounds of this duel
     */
    RivalEvidence fight(Predicate<RivalEvidence> decided, BooleanSupplier time) {
        RivalEvidence found = RivalEvidence.NONE;
        do {
            if (rounds.round(candidate -> candidate == 0 || candidate == challenger)) {
                TrialMeasurements incumbent = rounds.last(0);
                TrialMeasurements rival = rounds.last(challenger);
                found = found.plus(new RivalEvidence(round(rival.pacedNanos(), incumbent.pacedNanos()),
                        round(rival.backToBackNanos(), incumbent.backToBackNanos())));
            }
        } while (!decided.test(found) && time.getAsBoolean());
        return found;
    }

    private static PairedRounds round(long rivalNanos, long incumbentNanos) {
        return rivalNanos < MUST_REACH * incumbentNanos ? new PairedRounds(1, 0) : new PairedRounds(0, 1);
    }
}
