package io.parallaxfleet.engine;

/**
 * How often one of two came out ahead in rounds that both took part in. Immutable.
 *
 * <p>{@link #evidence} is the likelihood of these rounds when the chance of a win is anything from 1/2 to 1, over their likelihood
 * when it is 1/2: {@code 2^(n+1) * integral from 1/2 to 1 of p^wins (1-p)^losses dp}. Against an opponent who is as fast or faster,
 * in rounds whose order is drawn by chance, it is a non-negative supermartingale that starts at 1: whenever one stops, the
 * probability that it ever reaches 1/a is at most a (Ville's inequality). What disturbs both alike, however much, does not change that.
 *
 * @param wins rounds won clearly
 * @param losses the others
 */
record PairedRounds(int wins, int losses) {
    static final PairedRounds NONE = new PairedRounds(0, 0);

    PairedRounds {
        if (wins < 0 || losses < 0) {
            throw new IllegalArgumentException(wins + " wins and " + losses + " losses; neither can be negative");
        }
    }

    int rounds() {
        return wins + losses;
    }

    PairedRounds plus(PairedRounds more) {
        return new PairedRounds(wins + more.wins, losses + more.losses);
    }

    /** That wins are more frequent than losses, as odds: 50 says that chance alone does this at most once in 50 times. */
    double evidence() {
        return evidence(wins);
    }

    /** That losses are more frequent. */
    double evidenceAgainst() {
        return evidence(losses);
    }

    /** With B(k+1, n-k+1) = 1 / ((n+1) C(n,k)) and the upper half of a Beta distribution as a binomial sum. */
    private double evidence(int successes) {
        int n = rounds();
        double chosen = 1;
        double below = 0;
        for (int k = 0; k <= n + 1; k++) {
            // C(n+1, k) * 2^-(n+1), one factor at a time.
            chosen = k == 0 ? Math.pow(2, -(n + 1)) : chosen * (n + 2 - k) / k;
            below += k <= successes ? chosen : 0;
        }
        double ways = 1;
        for (int k = 1; k <= successes; k++) {
            ways = ways * (n - successes + k) / k;
        }
        return Math.pow(2, n + 1) * below / ((n + 1) * ways);
    }
}
