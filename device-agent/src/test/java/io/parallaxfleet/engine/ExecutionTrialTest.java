package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.ExecutionTrial.Candidate;
import io.parallaxfleet.host.HostFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class ExecutionTrialTest {
    private final List<String> events = new ArrayList<>();
    private final AtomicLong clockNanos = new AtomicLong();
    private final AtomicLong cpuNanos = new AtomicLong();

    private ExecutionTrial trial() {
        return trial(new Objective.Latency());
    }

    private ExecutionTrial trial(Objective objective) {
        return new ExecutionTrial(clockNanos::get, pause -> events.add("pause"), ExecutionTrial.SETTLING, Duration.ofSeconds(5),
                objective, meter(cpuNanos::get));
    }

    /** A host that shows no counter: energy is modelled by CPU time. */
    private EnergyMeter meter(LongSupplier processCpuNanos) {
        return EnergyMeter.forShortBatches(new HostFiles(Path.of("/nowhere")), clockNanos::get, processCpuNanos);
    }

    private Candidate candidate(String name, long latencyNanos, long busyCores) {
        return candidate(name, () -> {
            cpuNanos.addAndGet(latencyNanos * busyCores);
            return latencyNanos;
        });
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
        assertEquals(600, result.measured().get("c").latencyNanos());
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

    @Test
    void theFastestWinsByLatencyAndTheFrugalByEnergy() {
        List<Candidate> candidates = List.of(candidate("two cores", 1_000_000, 2), candidate("one core", 1_500_000, 1));

        assertEquals(0, trial(new Objective.Latency()).decide(candidates).winner());
        TrialResult byEnergy = trial(new Objective.Energy(Optional.empty())).decide(candidates);
        assertEquals(1, byEnergy.winner());
        assertEquals("energy by cpu-time-model", byEnergy.basis());
    }

    @Test
    void whatTakesLongerThanTheBoundIsNotChosenForItsEnergy() {
        List<Candidate> candidates = List.of(candidate("two cores", 1_000_000, 2), candidate("one core", 1_500_000, 1));

        assertEquals(0, trial(new Objective.Energy(Optional.of(Duration.ofNanos(1_400_000)))).decide(candidates).winner());
    }

    @Test
    void withoutABoundTwiceTheFastestIsTheMost() {
        List<Candidate> candidates = List.of(candidate("two cores", 1_000_000, 4), candidate("slow", 2_100_000, 1));

        assertEquals(0, trial(new Objective.Energy(Optional.empty())).decide(candidates).winner());
    }

    @Test
    void aBoundThatNothingKeepsLeavesTheFastest() {
        List<Candidate> candidates = List.of(candidate("slow", 1_500_000, 1), candidate("fast", 1_000_000, 2));
        TrialResult result = trial(new Objective.Energy(Optional.of(Duration.ofNanos(10)))).decide(candidates);

        assertEquals(1, result.winner());
        assertEquals("latency, no candidate keeping the bound", result.basis());
    }

    @Test
    void balancedWeighsEnergyByLatency() {
        List<Candidate> candidates =
                List.of(candidate("wasteful", 900_000, 8), candidate("balanced", 1_000_000, 3), candidate("frugal", 1_900_000, 2));

        assertEquals(1, trial(new Objective.Balanced(Optional.empty())).decide(candidates).winner());
    }

    @Test
    void withoutAMeterLatencyDecides() {
        ExecutionTrial blind = new ExecutionTrial(clockNanos::get, pause -> events.add("pause"), ExecutionTrial.SETTLING,
                Duration.ofSeconds(5), new Objective.Energy(Optional.empty()), meter(() -> -1));
        TrialResult result = blind.decide(List.of(candidate("fast", 1_000_000, 9), candidate("frugal", 1_500_000, 1)));

        assertEquals(0, result.winner());
        assertEquals("latency, energy being unavailable", result.basis());
    }
}
