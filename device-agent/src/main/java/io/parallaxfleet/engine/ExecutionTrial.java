package io.parallaxfleet.engine;

import io.parallaxfleet.energy.EnergyMeter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Finds the best of several ways to run, by its {@link Objective}, by running them in turns on this device.
 *
 * <p>A visit is a wait until no thread of the candidate before spins any more, a run that does not count, some runs {@link #GAP}
 * apart and some back to back; its energy is that of these runs and the gaps between them. Since candidates take turns, a change of the machine's speed hits all alike. Candidates that are clearly behind
 * drop out, so that the time goes to those that are hard to tell apart.
 *
 * <p>The first candidate is the incumbent: another has to beat it by more than the noise of a few runs.
 */
final class ExecutionTrial {
    /** Between paced runs, as a camera or a keyboard paces them. */
    static final Duration GAP = Duration.ofMillis(15);
    /** Longer than an ONNX Runtime thread spins after its last piece of work: up to 50 ms were seen. */
    static final Duration SETTLING = Duration.ofMillis(80);

    private static final int PACED_RUNS = 2;
    private static final int BACK_TO_BACK_RUNS = 3;
    private static final int MIN_ROUNDS = 2;
    private static final int MAX_ROUNDS = 15;
    private static final int ROUNDS_BEFORE_DROPPING = 2;
    private static final double DROP_BEYOND = 1.12;
    private static final double MUST_REACH = 0.98;
    /** Interquartile range over median above which something else was busy on the machine. */
    private static final double STEADY_SPREAD = 0.25;

    private final LongSupplier clockNanos;
    private final Consumer<Duration> pause;
    private final Duration settling;
    private final Duration budget;
    private final Objective objective;
    private final EnergyMeter meter;

    /**
     * One way to run.
     *
     * @param name unique among the candidates
     * @param run runs once and returns the latency in nanoseconds
     */
    record Candidate(String name, LongSupplier run) {}

    /**
     * @param clockNanos a clock for the budget
     * @param pause waits
     * @param settling between candidates; {@link #SETTLING} where one of them spins after its runs, {@link #GAP} will do otherwise
     * @param budget after this no further round begins, but for the least number of rounds
     * @param meter used where the objective is about energy
     */
    ExecutionTrial(LongSupplier clockNanos, Consumer<Duration> pause, Duration settling, Duration budget, Objective objective,
            EnergyMeter meter) {
        this.clockNanos = clockNanos;
        this.pause = pause;
        this.settling = settling;
        this.budget = budget;
        this.objective = objective;
        this.meter = objective instanceof Objective.Latency ? new EnergyMeter.None() : meter;
    }

    /** @param candidates at least one, the incumbent first */
    TrialResult decide(List<Candidate> candidates) {
        List<TrialMeasurements> measurements = new ArrayList<>();
        candidates.forEach(candidate -> measurements.add(new TrialMeasurements()));
        boolean[] dropped = new boolean[candidates.size()];
        long deadline = clockNanos.getAsLong() + budget.toNanos();
        visitAll(candidates, dropped, null);
        for (int round = 1; round <= MAX_ROUNDS; round++) {
            if (round > MIN_ROUNDS && clockNanos.getAsLong() - deadline > 0) {
                break;
            }
            visitAll(candidates, dropped, measurements);
            if (round >= ROUNDS_BEFORE_DROPPING) {
                TrialScores scores = scores(measurements);
                for (int candidate = 1; candidate < dropped.length; candidate++) {
                    dropped[candidate] |= scores.byCandidate().get(candidate) > DROP_BEYOND * scores.best();
                }
            }
        }
        return result(candidates, measurements);
    }

    /** @param measurements where to put what is measured; null: the warm-up */
    private void visitAll(List<Candidate> candidates, boolean[] dropped, List<TrialMeasurements> measurements) {
        for (int position = 0; position < candidates.size(); position++) {
            if (!dropped[position]) {
                visit(candidates.get(position).run(), measurements == null ? new TrialMeasurements() : measurements.get(position));
            }
        }
    }

    private void visit(LongSupplier run, TrialMeasurements into) {
        pause.accept(settling);
        run.getAsLong();
        meter.begin();
        for (int i = 0; i < PACED_RUNS; i++) {
            pause.accept(GAP);
            into.addPaced(run.getAsLong());
            meter.sample();
        }
        for (int i = 0; i < BACK_TO_BACK_RUNS; i++) {
            into.addBackToBack(run.getAsLong());
            meter.sample();
        }
        OptionalLong microjoules = meter.end().microjoules();
        into.addEnergy(microjoules.isPresent()
                ? OptionalLong.of(microjoules.getAsLong() / (PACED_RUNS + BACK_TO_BACK_RUNS))
                : microjoules);
    }

    private TrialScores scores(List<TrialMeasurements> measurements) {
        return TrialScores.of(objective, measurements, meter.source());
    }

    private TrialResult result(List<Candidate> candidates, List<TrialMeasurements> measurements) {
        TrialScores scores = scores(measurements);
        int winner = 0;
        double bestScore = scores.byCandidate().get(0) * MUST_REACH;
        Map<String, TrialResult.Measured> measured = new LinkedHashMap<>();
        for (int position = 0; position < candidates.size(); position++) {
            TrialMeasurements of = measurements.get(position);
            OptionalDouble microjoules = of.microjoules();
            measured.put(candidates.get(position).name(), new TrialResult.Measured((long) of.latencyNanos(),
                    microjoules.isPresent() ? OptionalLong.of(Math.round(microjoules.getAsDouble())) : OptionalLong.empty()));
            double score = scores.byCandidate().get(position);
            if (position > 0 && score < bestScore) {
                bestScore = score;
                winner = position;
            }
        }
        return new TrialResult(winner, measurements.get(winner).spread() <= STEADY_SPREAD, scores.basis(), measured);
    }
}
