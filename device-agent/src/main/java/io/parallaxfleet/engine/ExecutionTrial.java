package io.parallaxfleet.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Finds the fastest of several ways to run by running them in turns on this device.
 *
 * <p>A visit is a wait until no thread of the candidate before spins any more, a run that does not count, some runs {@link #GAP}
 * apart and some back to back. A candidate's score is the geometric mean of the median paced and the median back-to-back latency:
 * devices do both. Since candidates take turns, a change of the machine's speed hits all alike. Candidates that are clearly behind
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
     */
    ExecutionTrial(LongSupplier clockNanos, Consumer<Duration> pause, Duration settling, Duration budget) {
        this.clockNanos = clockNanos;
        this.pause = pause;
        this.settling = settling;
        this.budget = budget;
    }

    /** @param candidates at least one, the incumbent first */
    TrialResult decide(List<Candidate> candidates) {
        List<Timings> timings = new ArrayList<>();
        candidates.forEach(candidate -> timings.add(new Timings()));
        boolean[] dropped = new boolean[candidates.size()];
        long deadline = clockNanos.getAsLong() + budget.toNanos();
        visitAll(candidates, dropped, null);
        for (int round = 1; round <= MAX_ROUNDS; round++) {
            if (round > MIN_ROUNDS && clockNanos.getAsLong() - deadline > 0) {
                break;
            }
            visitAll(candidates, dropped, timings);
            if (round >= ROUNDS_BEFORE_DROPPING) {
                double best = timings.stream().mapToDouble(Timings::score).min().orElseThrow();
                for (int candidate = 1; candidate < dropped.length; candidate++) {
                    dropped[candidate] |= timings.get(candidate).score() > DROP_BEYOND * best;
                }
            }
        }
        return result(candidates, timings);
    }

    /** @param timings where to put what is measured; null: the warm-up */
    private void visitAll(List<Candidate> candidates, boolean[] dropped, List<Timings> timings) {
        for (int position = 0; position < candidates.size(); position++) {
            if (dropped[position]) {
                continue;
            }
            LongSupplier run = candidates.get(position).run();
            pause.accept(settling);
            run.getAsLong();
            for (int i = 0; i < PACED_RUNS; i++) {
                pause.accept(GAP);
                long paced = run.getAsLong();
                if (timings != null) {
                    timings.get(position).paced.add(paced);
                }
            }
            for (int i = 0; i < BACK_TO_BACK_RUNS; i++) {
                long backToBack = run.getAsLong();
                if (timings != null) {
                    timings.get(position).backToBack.add(backToBack);
                }
            }
        }
    }

    private static TrialResult result(List<Candidate> candidates, List<Timings> timings) {
        int winner = 0;
        double bestScore = timings.get(0).score() * MUST_REACH;
        Map<String, Long> scores = new LinkedHashMap<>();
        for (int position = 0; position < candidates.size(); position++) {
            double score = timings.get(position).score();
            scores.put(candidates.get(position).name(), (long) score);
            if (position > 0 && score < bestScore) {
                bestScore = score;
                winner = position;
            }
        }
        return new TrialResult(winner, timings.get(winner).spread() <= STEADY_SPREAD, scores);
    }

    private static final class Timings {
        private final List<Long> paced = new ArrayList<>();
        private final List<Long> backToBack = new ArrayList<>();

        double score() {
            return Math.sqrt((double) quantile(paced, 0.5) * quantile(backToBack, 0.5));
        }

        double spread() {
            return (double) (quantile(backToBack, 0.75) - quantile(backToBack, 0.25)) / quantile(backToBack, 0.5);
        }

        private static long quantile(List<Long> nanos, double q) {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return sorted[Math.min(sorted.length - 1, (int) (q * sorted.length))];
        }
    }
}
