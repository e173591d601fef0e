package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.ExecutionTrial.Candidate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class ExecutionTrialTest {
    private final List<String> events = new ArrayList<>();
    private final AtomicLong clockNanos = new AtomicLong();

    private ExecutionTrial trial() {
        return new ExecutionTrial(clockNanos::get, pause -> events.add("pause"), ExecutionTrial.SETTLING, Duration.ofSeconds(5));
    }

    private Candidate candidate(String name, LongSupplier latencyNanos) {
        return new Candidate(name, () -> {
            events.add(name);
            long nanos = latencyNanos.getAsLong();
            clockNanos.addAndGet(nanos);
            return nanos;
        });
    }

    private Candidate candidate(String name, long latencyNanos) {
        return candidate(name, () -> latencyNanos);
    }

    private long visits(String name) {
        return events.stream().filter(name::equals).count();
    }

    @Test
    void aCandidateThatIsClearlyFasterThanTheIncumbentWins() {
        assertEquals(1, trial().decide(List.of(candidate("incumbent", 100), candidate("other", 90))).winner());
    }

    @Test
    void theIncumbentStaysWhenAnotherIsFasterByLessThanTheNoise() {
        assertEquals(0, trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 990))).winner());
    }

    @Test
    void theFastestOfSeveralWins() {
        TrialResult result = trial().decide(List.of(candidate("a", 1_000), candidate("b", 900), candidate("c", 600), candidate("d", 700)));

        assertEquals(2, result.winner());
        assertEquals(600, result.scoreNanos().get("c"));
    }

    @Test
    void aFewDisturbedRunsDoNotChangeTheWinner() {
        SplittableRandom random = new SplittableRandom(3);
        LongSupplier disturbed = () -> random.nextInt(10) == 0 ? 5_000 : 800;

        assertEquals(1, trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", disturbed))).winner());
    }

    @Test
    void candidatesTakeTurnsAndNoneRunsRightAfterAnother() {
        trial().decide(List.of(candidate("a", 100), candidate("b", 100)));

        for (int i = 1; i < events.size(); i++) {
            boolean sameTurn = events.get(i).equals(events.get(i - 1));
            assertTrue(sameTurn || events.get(i).equals("pause") || events.get(i - 1).equals("pause"), "event " + i);
        }
        assertEquals(visits("a"), visits("b"));
    }

    @Test
    void aCandidateThatIsFarBehindDropsOutAndTheOthersGoOn() {
        trial().decide(List.of(candidate("incumbent", 100), candidate("hopeless", 300), candidate("close", 101)));

        assertTrue(visits("hopeless") < visits("close"));
        assertEquals(visits("incumbent"), visits("close"));
    }

    @Test
    void aSlowModelIsNotTimedMuchLongerThanTheBudget() {
        long second = Duration.ofSeconds(1).toNanos();
        trial().decide(List.of(candidate("incumbent", second), candidate("other", second)));

        long fewest = visits("other");
        events.clear();
        trial().decide(List.of(candidate("incumbent", 1), candidate("other", 1)));

        assertTrue(fewest > 0 && fewest < visits("other"));
    }

    @Test
    void anAnswerFromRunsThatScatterIsNotSteady() {
        SplittableRandom random = new SplittableRandom(4);

        assertFalse(trial().decide(List.of(candidate("only", () -> random.nextLong(500, 2_000)))).steady());
        assertTrue(trial().decide(List.of(candidate("only", () -> random.nextLong(950, 1_050)))).steady());
    }
}
