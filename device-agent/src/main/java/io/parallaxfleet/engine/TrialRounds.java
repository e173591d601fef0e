package io.parallaxfleet.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Candidates that take turns. In a round each of those that take part is visited once, in an order drawn anew, so that what one
 * leaves behind and how the machine's speed drifts hit all alike. A visit is a wait until no thread of the candidate before spins any
 * more, a run that does not count, some runs {@link #GAP} apart and some back to back; its energy is that of these runs and the gaps
 * between them.
 *
 * <p>A round in which other processes were busy does not count. Their load is no noise that more runs would average out: threads
 * that spin lose far more by it than threads that park, so whoever wins then may lose in the quiet.
 */
final class TrialRounds {
    /** Between paced runs, as a camera or a keyboard paces them. */
    static final Duration GAP = Duration.ofMillis(15);
    /** Longer than an ONNX Runtime thread spins after its last piece of work: up to 50 ms were seen. */
    static final Duration SETTLING = Duration.ofMillis(80);
    /** Share of all cores in the hands of others above which a round does not count. */
    static final double MOST_FOR_OTHERS = 0.10;

    private static final int PACED_RUNS = 3;
    private static final int BACK_TO_BACK_RUNS = 3;

    private final TrialConditions conditions;
    private final List<ExecutionTrial.Candidate> candidates;
    private final List<TrialMeasurements> totals = new ArrayList<>();
    private final List<TrialMeasurements> last = new ArrayList<>();

    TrialRounds(TrialConditions conditions, List<ExecutionTrial.Candidate> candidates) {
        this.conditions = conditions;
        this.candidates = candidates;
        candidates.forEach(candidate -> {
            totals.add(new TrialMeasurements());
            last.add(new TrialMeasurements());
        });
    }

    void warmUp() {
        candidates.forEach(candidate -> visit(candidate.run()));
    }

    /** Visits each candidate that takes part; false where others were busy and nothing of it counts. */
    boolean round(IntPredicate takesPart) {
        List<Integer> order = new ArrayList<>();
        for (int candidate = 0; candidate < candidates.size(); candidate++) {
            if (takesPart.test(candidate)) {
                order.add(candidate);
            }
        }
        Collections.shuffle(order, conditions.random());
        Supplier<OptionalDouble> others = conditions.others().watch();
        order.forEach(candidate -> last.set(candidate, visit(candidates.get(candidate).run())));
        if (others.get().orElse(0) > MOST_FOR_OTHERS) {
            return false;
        }
        order.forEach(candidate -> totals.get(candidate).addAll(last.get(candidate)));
        return true;
    }

    private TrialMeasurements visit(LongSupplier run) {
        TrialMeasurements visit = new TrialMeasurements();
        conditions.pause().accept(conditions.settling());
        run.getAsLong();
        conditions.meter().begin();
        for (int i = 0; i < PACED_RUNS; i++) {
            conditions.pause().accept(GAP);
            visit.addPaced(run.getAsLong());
            conditions.meter().sample();
        }
        for (int i = 0; i < BACK_TO_BACK_RUNS; i++) {
            visit.addBackToBack(run.getAsLong());
            conditions.meter().sample();
        }
        OptionalLong microjoules = conditions.meter().end().microjoules();
        visit.addEnergy(microjoules.isPresent()
                ? OptionalLong.of(microjoules.getAsLong() / (PACED_RUNS + BACK_TO_BACK_RUNS))
                : microjoules);
        return visit;
    }

    /** Of every round that counted. */
    List<TrialMeasurements> totals() {
        return totals;
    }

    /** Of the last visit. */
    TrialMeasurements last(int candidate) {
        return last.get(candidate);
    }

    List<ExecutionTrial.Candidate> candidates() {
        return candidates;
    }
}
