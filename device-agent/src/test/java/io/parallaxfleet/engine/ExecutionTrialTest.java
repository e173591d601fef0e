package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.ExecutionTrial.Candidate;
import io.parallaxfleet.host.HostFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ExecutionTrialTest {
    private final List<String> events = new ArrayList<>();
    private final AtomicLong clockNanos = new AtomicLong();
    private final AtomicLong cpuNanos = new AtomicLong();
    /** What a round's look at the other processes says. */
    private Supplier<OptionalDouble> othersShareOfRound = () -> OptionalDouble.of(0.02);

    private ExecutionTrial trial() {
        return trial(new Objective.Latency());
    }

    private ExecutionTrial trial(Objective objective) {
        return trial(objective, meter(cpuNanos::get));
    }

    private ExecutionTrial trial(long seed) {
        return trial(new Objective.Latency(), meter(cpuNanos::get), new Random(seed));
    }

    private ExecutionTrial trial(Objective objective, EnergyMeter meter) {
        return trial(objective, meter, new Random(9));
    }

    private ExecutionTrial trial(Objective objective, EnergyMeter meter, Random order) {
        return new ExecutionTrial(new TrialConditions(clockNanos::get, this::pause, TrialRounds.SETTLING,
                () -> () -> othersShareOfRound.get(), meter, order), Duration.ofSeconds(5), objective);
    }

    private void pause(Duration duration) {
        events.add("pause");
        clockNanos.addAndGet(duration.toNanos());
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
    void aLoneChallengerIsProvenByItself() {
        TrialResult result = trial().meet(List.of(candidate("incumbent", 1_000), candidate("rewritten", 900)));

        assertInstanceOf(TrialFinding.ChallengerProven.class, result.finding());
    }

    @Test
    void aLoneChallengerThatIsNoFasterIsGivenUp() {
        TrialResult result = trial().meet(List.of(candidate("incumbent", 1_000), candidate("rewritten", 1_000)));

        assertInstanceOf(TrialFinding.IncumbentStays.class, result.finding());
    }

    @Test
    void aSlowModelHasTheRoundsThatAProofTakes() {
        long slowNanos = Duration.ofMillis(60).toNanos();

        TrialResult result = trial().meet(List.of(candidate("incumbent", slowNanos), candidate("rewritten", slowNanos * 8 / 10)));

        assertInstanceOf(TrialFinding.ChallengerProven.class, result.finding());
        assertTrue(clockNanos.get() > Duration.ofSeconds(5).toNanos(), "the budget was not exceeded");
    }

    @Test
    void aQuickModelThatScattersIsProvenAtFirstUseAllTheSame() {
        int proven = 0;
        int trials = 40;
        for (int seed = 0; seed < trials; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            // A ninth faster, and a standard deviation of two thirds of that: five rounds of six are won.
            TrialResult result = trial(seed).meet(List.of(candidate("incumbent", scattering(random, 6_000_000)),
                    candidate("rewritten", scattering(random, 5_300_000))));
            proven += result.finding() instanceof TrialFinding.ChallengerProven ? 1 : 0;
        }

        assertTrue(proven >= 0.9 * trials, proven + " of " + trials + " were proven");
    }

    private static LongSupplier scattering(SplittableRandom random, long nanos) {
        return () -> (long) (nanos * (1 + 0.08 * random.nextGaussian()));
    }

    @Test
    void aLoneChallengerOnABusyMachineIsNotJudged() {
        othersShareOfRound = () -> OptionalDouble.of(0.5);

        TrialResult result = trial().meet(List.of(candidate("incumbent", 1_000), candidate("rewritten", 500)));

        assertInstanceOf(TrialFinding.Disturbed.class, result.finding());
    }

    @Test
    void theFastestOfSeveralWins() {
        TrialResult result = trial().decide(List.of(candidate("a", 1_000), candidate("b", 900), candidate("c", 600), candidate("d", 700)));

        assertEquals(2, result.winner());
        assertEquals(600, result.measured().get("c").latencyNanos());
    }

    @Test
    void aFewSlowRunsDoNotChangeTheWinner() {
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
        trial().decide(List.of(candidate("incumbent", 100), candidate("hopeless", 300), candidate("close", 90)));

        assertTrue(visits("hopeless") < visits("close"));
        assertEquals(visits("incumbent"), visits("close"));
    }

    @Test
    void aSlowModelIsNotTimedMuchLongerThanTheBudget() {
        long second = Duration.ofSeconds(1).toNanos();
        trial().decide(List.of(candidate("incumbent", second), candidate("other", second)));

        long fewest = visits("other");
        events.clear();
        trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 500)));

        assertTrue(fewest > 0 && fewest < visits("other"));
    }

    @Test
    void anAnswerByEnergyFromRunsThatScatterIsNotSteady() {
        SplittableRandom random = new SplittableRandom(4);
        ExecutionTrial byEnergy = trial(new Objective.Energy(Optional.empty()));

        assertEquals(new TrialFinding.BestByScore(0, false),
                byEnergy.decide(List.of(candidate("only", () -> random.nextLong(500, 2_000)))).finding());
        assertEquals(new TrialFinding.BestByScore(0, true),
                byEnergy.decide(List.of(candidate("only", () -> random.nextLong(950, 1_050)))).finding());
    }

    @Test
    void aProofSaysHowOftenTheChallengerWon() {
        TrialResult result = trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 800)));

        TrialFinding.ChallengerProven proven = assertInstanceOf(TrialFinding.ChallengerProven.class, result.finding());
        assertEquals(0, proven.evidence().paced().losses());
        assertTrue(proven.evidence().paced().evidence() >= RivalEvidence.PROOF);
    }

    @Test
    void whoeverIsFasterOnlyBackToBackDoesNotTakeOver() {
        long[] beforeRun = new long[1];
        Candidate other = new Candidate("other", () -> {
            boolean afterAPause = clockNanos.get() - beforeRun[0] >= TrialRounds.GAP.toNanos();
            clockNanos.addAndGet(1_000);
            beforeRun[0] = clockNanos.get();
            return afterAPause ? 1_010 : 600;
        });

        TrialFinding finding = trial().decide(List.of(candidate("incumbent", 1_000), other)).finding();
        assertInstanceOf(TrialFinding.IncumbentStays.class, finding);
    }

    @Test
    void roundsInWhichOthersWereBusyDoNotCount() {
        othersShareOfRound = () -> OptionalDouble.of(0.5);
        TrialResult result = trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 500)));

        assertEquals(new TrialFinding.Disturbed(), result.finding());
        assertEquals(0, result.winner());
        assertEquals(Map.of(), result.measured());
    }

    @Test
    void aQuietMomentOnABusyMachineIsUsed() {
        int[] round = new int[1];
        othersShareOfRound = () -> OptionalDouble.of(round[0]++ % 3 == 0 ? 0.5 : 0);

        assertEquals(1, trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 500))).winner());
    }

    @Test
    void whereNobodyKnowsTheOthersLoadTheRunsDecide() {
        othersShareOfRound = OptionalDouble::empty;

        assertEquals(1, trial().decide(List.of(candidate("incumbent", 1_000), candidate("other", 500))).winner());
    }

    @Test
    void withoutTimeForAProofTheIncumbentServesAndTheChallengerIsKeptInMind() {
        long second = Duration.ofSeconds(1).toNanos();
        TrialResult result = trial().decide(List.of(candidate("incumbent", second), candidate("other", second / 2)));

        assertEquals(new TrialFinding.Undecided(1, RivalEvidence.NONE), result.finding());
        assertEquals(0, result.winner());
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
    void theBoundHoldsAfterPausesToo() {
        long[] ended = new long[1];
        Candidate frugal = new Candidate("parks between runs", () -> {
            long nanos = clockNanos.get() - ended[0] >= TrialRounds.GAP.toNanos() ? 1_600_000 : 1_100_000;
            cpuNanos.addAndGet(nanos);
            ended[0] = clockNanos.addAndGet(nanos);
            return nanos;
        });

        assertEquals(0, trial(new Objective.Energy(Optional.of(Duration.ofNanos(1_500_000))))
                .decide(List.of(candidate("two cores", 1_000_000, 2), frugal)).winner());
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
        ExecutionTrial blind = trial(new Objective.Energy(Optional.empty()), meter(() -> -1));
        TrialResult result = blind.decide(List.of(candidate("fast", 1_000_000, 9), candidate("frugal", 1_500_000, 1)));

        assertEquals(0, result.winner());
        assertEquals("latency, energy being unavailable", result.basis());
    }
}
