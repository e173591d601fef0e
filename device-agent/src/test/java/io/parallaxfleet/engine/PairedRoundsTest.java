package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PairedRoundsTest {
    @Test
    void noRoundSaysNothing() {
        assertEquals(1, PairedRounds.NONE.evidence(), 1e-12);
        assertEquals(1, PairedRounds.NONE.evidenceAgainst(), 1e-12);
    }

    @Test
    void evidenceIsTheRatioOfLikelihoods() {
        // Numerically: 2^(n+1) times the integral of p^w (1-p)^l from 1/2 to 1.
        for (int wins = 0; wins <= 12; wins++) {
            for (int losses = 0; losses <= 12; losses++) {
                double integral = 0;
                int slices = 20_000;
                for (int i = 0; i < slices; i++) {
                    double p = 0.5 + (i + 0.5) * 0.5 / slices;
                    integral += Math.pow(p, wins) * Math.pow(1 - p, losses) * 0.5 / slices;
                }
                double expected = Math.pow(2, wins + losses + 1) * integral;
                assertEquals(expected, new PairedRounds(wins, losses).evidence(), 1e-6 * expected, wins + " won, " + losses + " lost");
            }
        }
    }

    @Test
    void eightRoundsInARowProveAndSevenDoNot() {
        assertTrue(new PairedRounds(8, 0).evidence() >= RivalEvidence.PROOF);
        assertTrue(new PairedRounds(7, 0).evidence() < RivalEvidence.PROOF);
    }

    @Test
    void whatEqualsGainIsExpectedToStayTheSame() {
        // The expectation over a fair next round is today's evidence: no way to stop makes chance look like proof.
        for (int wins = 0; wins <= 20; wins++) {
            for (int losses = 0; losses <= 20; losses++) {
                double next = (new PairedRounds(wins + 1, losses).evidence() + new PairedRounds(wins, losses + 1).evidence()) / 2;
                assertEquals(new PairedRounds(wins, losses).evidence(), next, 1e-9 * next);
            }
        }
    }

    @Test
    void theNumbersHoldForManyRounds() {
        assertTrue(Double.isFinite(new PairedRounds(200, 150).evidence()));
        assertTrue(new PairedRounds(200, 100).evidence() > RivalEvidence.PROOF);
    }

    @Test
    void negativeCountsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new PairedRounds(-1, 0));
    }
}
