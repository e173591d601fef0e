package io.parallaxfleet.engine;

/**
 * What is known of a candidate beside the incumbent, from runs that follow a pause and from runs back to back. A device does both,
 * so the candidate has to be ahead in both. Immutable.
 */
record RivalEvidence(PairedRounds paced, PairedRounds backToBack) {
    static final RivalEvidence NONE = new RivalEvidence(PairedRounds.NONE, PairedRounds.NONE);

    /** A candidate that is not ahead in both ways gets this far with a probability of at most 1 in 50. */
    static final double PROOF = 50;
    /** Giving up early costs a little speed and risks nothing. */
    private static final double DISPROOF = 5;
    /** More rounds than these without a proof: what there is to gain is not worth them. */
    private static final int MOST_ROUNDS = 64;

    RivalEvidence plus(RivalEvidence more) {
        return new RivalEvidence(paced.plus(more.paced), backToBack.plus(more.backToBack));
    }

    int rounds() {
        return paced.rounds();
    }

    /** Surely faster in both ways. */
    boolean proven() {
        return paced.evidence() >= PROOF && backToBack.evidence() >= PROOF;
    }

    /** Probably not faster in one of the ways, or never to be told. */
    boolean givenUp() {
        return paced.evidenceAgainst() >= DISPROOF || backToBack.evidenceAgainst() >= DISPROOF || !proven() && rounds() >= MOST_ROUNDS;
    }

    /** Whether it won nearly every round in both ways. */
    boolean leads() {
        return rounds() > 0 && 4 * paced.losses() <= paced.wins() && 4 * backToBack.losses() <= backToBack.wins();
    }

    /** Whether it won two rounds of three in both ways: if that goes on, a few dozen rounds prove it. */
    boolean looksFaster() {
        return rounds() > 0 && 2 * paced.losses() <= paced.wins() && 2 * backToBack.losses() <= backToBack.wins();
    }

    /** Whether most rounds of one of the ways were lost. */
    boolean mostlyLost() {
        return paced.losses() > paced.wins() || backToBack.losses() > backToBack.wins();
    }
}
