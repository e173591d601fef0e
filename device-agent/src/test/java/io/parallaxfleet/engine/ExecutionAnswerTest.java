package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.execute.SessionSettings.Spinning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ExecutionAnswerTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final CpuExecution INCUMBENT = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.ALWAYS, false);
    private static final CpuExecution CHALLENGER = new CpuExecution(new SideBySide.Nowhere(), 2, Spinning.OFF, false);

    private static RivalEvidence rounds(int wins, int losses) {
        return new RivalEvidence(new PairedRounds(wins, losses), new PairedRounds(wins, losses));
    }

    private static CpuExecution used(ExecutionAnswer answer) {
        return answer.inUse(INCUMBENT);
    }

    @Test
    void onlyAProofPutsAChallengerInForce() {
        List<CpuExecution> both = List.of(INCUMBENT, CHALLENGER);
        assertEquals(CHALLENGER, used(ExecutionAnswer.of(new TrialFinding.ChallengerProven(1, rounds(8, 0)), both, NOON)));
        assertEquals(INCUMBENT, used(ExecutionAnswer.of(new TrialFinding.Undecided(1, rounds(5, 0)), both, NOON)));
        assertEquals(INCUMBENT, used(ExecutionAnswer.of(new TrialFinding.IncumbentStays(rounds(0, 4)), both, NOON)));
        assertEquals(INCUMBENT, used(ExecutionAnswer.of(new TrialFinding.Disturbed(), both, NOON)));
    }

    @Test
    void ofABusyMachineNothingIsKeptForLong() {
        assertEquals(new ExecutionAnswer.Provisional(INCUMBENT, NOON.plus(ExecutionAnswer.PROVISIONAL_FOR)),
                ExecutionAnswer.of(new TrialFinding.Disturbed(), List.of(INCUMBENT, CHALLENGER), NOON));
    }

    @Nested
    class AChallengerInForce {
        private final ExecutionAnswer.Rivalry rivalry = new ExecutionAnswer.Rivalry(CHALLENGER, true, rounds(8, 0), NOON, NOON);

        @Test
        void isLookedAtAgainEachTimeItHasBecomeTwiceAsOld() {
            assertFalse(rivalry.due(NOON.plus(Duration.ofMinutes(9))));
            assertTrue(rivalry.due(NOON.plus(Duration.ofMinutes(10))));

            Instant later = NOON.plus(Duration.ofHours(5));
            ExecutionAnswer.Rivalry confirmed = (ExecutionAnswer.Rivalry) rivalry.after(rounds(3, 0), INCUMBENT, later);
            assertFalse(confirmed.due(later.plus(Duration.ofHours(4))));
            assertTrue(confirmed.due(later.plus(Duration.ofHours(5))));
        }

        @Test
        void staysAfterALookThatItMostlyWins() {
            ExecutionAnswer.Rivalry after = (ExecutionAnswer.Rivalry) rivalry.after(rounds(2, 1), INCUMBENT, NOON);
            assertEquals(CHALLENGER, used(after));
            assertEquals(rounds(10, 1), after.evidence());
        }

        @Test
        void makesWayAfterALookThatItMostlyLosesInOneOfTheWays() {
            RivalEvidence lostAfterPauses = new RivalEvidence(new PairedRounds(1, 2), new PairedRounds(3, 0));
            assertEquals(INCUMBENT, used(rivalry.after(lostAfterPauses, INCUMBENT, NOON)));
        }

        @Test
        void standsALookThatHadTimeForOneLostRound() {
            RivalEvidence lostOnce = new RivalEvidence(new PairedRounds(0, 1), new PairedRounds(1, 0));
            assertEquals(CHALLENGER, used(rivalry.after(lostOnce, INCUMBENT, NOON)));
        }

        @Test
        void makesWayWhenSingleLostRoundsAddUp() {
            ExecutionAnswer answer = rivalry;
            int looks = 0;
            while (answer instanceof ExecutionAnswer.Rivalry inForce && inForce.inForce()) {
                answer = inForce.after(rounds(0, 1), INCUMBENT, NOON);
                looks++;
            }
            assertTrue(looks > 1 && looks <= 4, looks + " looks");
        }

        @Test
        void staysAfterALookThatSawNoQuietRound() {
            assertEquals(CHALLENGER, used(rivalry.after(RivalEvidence.NONE, INCUMBENT, NOON)));
        }
    }

    @Nested
    class AnUndecidedChallenger {
        private final ExecutionAnswer.Rivalry rivalry = new ExecutionAnswer.Rivalry(CHALLENGER, false, rounds(5, 0), NOON, NOON);

        @Test
        void isLookedAtAtAnyStartThatDoesNotFollowAtOnce() {
            assertFalse(rivalry.due(NOON.plus(Duration.ofMinutes(9))));
            Instant later = NOON.plus(Duration.ofHours(5));
            ExecutionAnswer.Rivalry again = (ExecutionAnswer.Rivalry) rivalry.after(rounds(1, 1), INCUMBENT, later);
            assertTrue(again.due(later.plus(Duration.ofMinutes(10))));
        }

        @Test
        void takesOverWhenAllRoundsTogetherProveIt() {
            assertFalse(rivalry.enough(rounds(2, 0)));
            assertTrue(rivalry.enough(rounds(3, 0)));
            assertEquals(CHALLENGER, used(rivalry.after(rounds(3, 0), INCUMBENT, NOON)));
        }

        @Test
        void isForgottenWhenItProbablyIsNotFaster() {
            ExecutionAnswer after = rivalry.after(rounds(0, 25), INCUMBENT, NOON);
            assertEquals(INCUMBENT, assertInstanceOf(ExecutionAnswer.Settled.class, after).execution());
        }
    }
}
