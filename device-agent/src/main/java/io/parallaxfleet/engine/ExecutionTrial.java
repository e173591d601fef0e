package io.parallaxfleet.engine;

import io.parallaxfleet.energy.EnergyMeter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Finds the best of several ways to run, by its {@link Objective}, by running them in turns on this device.
 *
 * <p>For the lowest latency the first candidate is the incumbent, plain ONNX Runtime's own setting. A few rounds of all, which drop
 * those that are clearly behind, choose one challenger; then these two meet in a {@link Duel}, whose rounds alone count as evidence:
 * the best of many looks better than it is in the rounds that it was chosen by. The challenger takes over only when it is proven
 * faster after pauses as well as back to back. So the probability that the answer is slower than the incumbent in either is at most
 * 1 / {@value RivalEvidence#PROOF}, however much the runs scatter.
 *
 * <p>For energy the lowest score over all rounds wins, the incumbent being preferred within the noise.
 */
final class ExecutionTrial {
    private static final int MIN_ROUNDS = 2;
    private static final int MAX_ROUNDS = 15;
    private static final int MOST_ROUNDS_TO_CHOOSE = 5;
    /** Of the budget, for choosing the challenger; the rest is for proving it. */
    private static final double SHARE_TO_CHOOSE = 0.4;
    private static final double OVERRUN = 3;
    private static final double DROP_BEYOND = 1.12;
    private static final double MUST_REACH = 0.98;
    /** Interquartile range over median above which something else was busy on the machine. */
    private static final double STEADY_SPREAD = 0.25;

    private final TrialConditions conditions;
    private final Duration budget;
    private final Objective objective;

    /**
     * One way to run.
     *
     * @param name unique among the candidates
     * @param run runs once and returns the latency in nanoseconds
     */
    record Candidate(String name, LongSupplier run) {}

    /**
     * @param conditions the meter is used where the objective is about energy
     * @param budget after this no further round begins, but for the least number of rounds
     */
    ExecutionTrial(TrialConditions conditions, Duration budget, Objective objective) {
        this.conditions = objective instanceof Objective.Latency ? conditions.withMeter(new EnergyMeter.None()) : conditions;
        this.budget = budget;
        this.objective = objective;
    }

    /** @param candidates at least one, the incumbent first */
    TrialResult decide(List<Candidate> candidates) {
        long start = conditions.clockNanos().getAsLong();
        TrialRounds rounds = new TrialRounds(conditions, candidates);
        rounds.warmUp();
        if (!(objective instanceof Objective.Latency)) {
            return byScore(rounds, start);
        }
        if (!compareAll(rounds, start, SHARE_TO_CHOOSE, MOST_ROUNDS_TO_CHOOSE)) {
            return result(new TrialFinding.Disturbed(), rounds);
        }
        List<Double> scores = scores(rounds).byCandidate();
        int challenger = best(scores);
        if (challenger == 0) {
            return result(new TrialFinding.IncumbentStays(RivalEvidence.NONE), rounds);
        }
        RivalEvidence evidence = timeIsLeft(start, 1)
                ? new Duel(rounds, challenger).fight(found -> found.proven() || found.givenUp(), () -> timeIsLeft(start, 1))
                : RivalEvidence.NONE;
        if (evidence.proven()) {
            return result(new TrialFinding.ChallengerProven(challenger, evidence), rounds);
        }
        return result(evidence.givenUp()
                ? new TrialFinding.IncumbentStays(evidence)
                : new TrialFinding.Undecided(challenger, evidence), rounds);
    }

    /**
     * One challenger that is known beforehand. While it looks faster, the time may be exceeded {@value #OVERRUN}-fold: a slow model
     * needs that for as many rounds as a proof takes, and one that is faster by little more than it scatters needs more rounds.
     *
     * @param two the incumbent first
     */
    TrialResult meet(List<Candidate> two) {
        long start = conditions.clockNanos().getAsLong();
        TrialRounds rounds = new TrialRounds(conditions, two);
        rounds.warmUp();
        RivalEvidence evidence = new Duel(rounds, 1).fight(
                found -> found.proven() || found.givenUp() || !timeIsLeft(start, found.looksFaster() ? OVERRUN : 1), () -> true);
        if (evidence.proven()) {
            return result(new TrialFinding.ChallengerProven(1, evidence), rounds);
        }
        if (evidence.givenUp()) {
            return result(new TrialFinding.IncumbentStays(evidence), rounds);
        }
        return result(evidence.rounds() == 0 ? new TrialFinding.Disturbed() : new TrialFinding.Undecided(1, evidence), rounds);
    }

    /**
     * Once more, of a challenger that an earlier trial chose, the incumbent first.
     *
     * @param decided asked after each round that counted
     */
    RivalEvidence lookAgain(Candidate incumbent, Candidate challenger, Predicate<RivalEvidence> decided) {
        long start = conditions.clockNanos().getAsLong();
        TrialRounds rounds = new TrialRounds(conditions, List.of(incumbent, challenger));
        rounds.warmUp();
        return new Duel(rounds, 1).fight(decided, () -> timeIsLeft(start, 1));
    }

    private boolean timeIsLeft(long startNanos, double share) {
        return conditions.clockNanos().getAsLong() - startNanos < share * budget.toNanos();
    }

    /** Rounds of all that are not clearly behind; false where none of them counted. */
    private boolean compareAll(TrialRounds rounds, long start, double share, int mostRounds) {
        boolean[] dropped = new boolean[rounds.candidates().size()];
        int counted = 0;
        for (int round = 1; counted < mostRounds && (round <= MIN_ROUNDS || timeIsLeft(start, share)); round++) {
            if (!rounds.round(candidate -> !dropped[candidate])) {
                continue;
            }
            counted++;
            if (counted >= MIN_ROUNDS) {
                TrialScores scores = scores(rounds);
                for (int candidate = 1; candidate < dropped.length; candidate++) {
                    dropped[candidate] |= scores.byCandidate().get(candidate) > DROP_BEYOND * scores.best();
                }
            }
        }
        return counted > 0;
    }

    private TrialResult byScore(TrialRounds rounds, long start) {
        if (!compareAll(rounds, start, 1, MAX_ROUNDS)) {
            return result(new TrialFinding.Disturbed(), rounds);
        }
        int winner = best(scores(rounds).byCandidate());
        return result(new TrialFinding.BestByScore(winner, rounds.totals().get(winner).spread() <= STEADY_SPREAD), rounds);
    }

    /** The candidate of the lowest score; the incumbent unless another is beyond the noise. */
    private static int best(List<Double> scores) {
        int best = 0;
        double bestScore = scores.get(0) * MUST_REACH;
        for (int candidate = 1; candidate < scores.size(); candidate++) {
            if (scores.get(candidate) < bestScore) {
                bestScore = scores.get(candidate);
                best = candidate;
            }
        }
        return best;
    }

    private TrialScores scores(TrialRounds rounds) {
        return TrialScores.of(objective, rounds.totals(), conditions.meter().source());
    }

    private TrialResult result(TrialFinding finding, TrialRounds rounds) {
        Map<String, TrialResult.Measured> measured = new LinkedHashMap<>();
        for (int position = 0; position < rounds.candidates().size(); position++) {
            TrialMeasurements of = rounds.totals().get(position);
            if (!of.isEmpty()) {
                OptionalDouble microjoules = of.microjoules();
                measured.put(rounds.candidates().get(position).name(), new TrialResult.Measured((long) of.latencyNanos(),
                        microjoules.isPresent() ? OptionalLong.of(Math.round(microjoules.getAsDouble())) : OptionalLong.empty()));
            }
        }
        return new TrialResult(finding, measured.isEmpty() ? "nothing" : scores(rounds).basis(), measured);
    }
}
