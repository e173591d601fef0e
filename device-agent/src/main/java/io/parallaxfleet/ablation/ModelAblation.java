package io.parallaxfleet.ablation;

import io.parallaxfleet.bench.MemoryTable;
import io.parallaxfleet.bench.ModeSummary;
import io.parallaxfleet.check.PlanStructure;
import io.parallaxfleet.engine.LayerTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What the ablation found of one model.
 *
 * @param threads CPU threads of the rows that do not say otherwise
 * @param runs timed runs of each row
 * @param energySource what measured the energy: rapl, ina3221, cpu-time-model or none
 * @param rows plain settings first; none where nothing was timed
 * @param budget of the rows under a tight budget
 * @param budgetWithoutRefinement the same where every layer with work worth a hand-over runs side by side, β and N left out; only
 *     counted
 * @param memory bytes by plan, as in the paper's Table 5
 * @param layers measured layers, as in the paper's Table 6; none where nothing was timed
 * @param structures as in the paper's Table 7
 */
record ModelAblation(
        String model,
        String shapes,
        int threads,
        int runs,
        String energySource,
        List<Row> rows,
        BindingBudget budget,
        BindingBudget budgetWithoutRefinement,
        MemoryTable.Row memory,
        List<LayerTime> layers,
        List<PlanStructure> structures) {
    ModelAblation {
        rows = List.copyOf(rows);
        layers = List.copyOf(layers);
        structures = List.copyOf(structures);
    }

    /** A variant and what came of it. */
    record Row(Variant variant, Outcome outcome) {}

    /** What came of a variant. */
    sealed interface Outcome {}

    /**
     * It ran.
     *
     * @param setting what the contender said it did
     * @param summary latencies and energy
     * @param peakBytes peak resident bytes of a process of its own; empty where not measured
     * @param relativeDifference of its outputs to those of the first row
     */
    record Ran(String setting, ModeSummary summary, OptionalLong peakBytes, double relativeDifference) implements Outcome {}

    /** There is nothing to run. */
    record LeftOut(String reason) implements Outcome {}

    /** Whether anything was timed. */
    boolean timed() {
        return !rows.isEmpty();
    }

    /** What a row measured; empty where the variant was left out or is not among the rows. */
    Optional<Ran> ran(String variant) {
        return rows.stream()
                .filter(row -> row.variant().name().equals(variant))
                .flatMap(row -> row.outcome() instanceof Ran ran ? Stream.of(ran) : Stream.empty())
                .findFirst();
    }

    /** The plain setting with the lowest median. */
    Optional<Row> bestPlain() {
        Row best = null;
        for (Row row : rows) {
            if (row.variant().kind() == Variant.Kind.PLAIN && row.outcome() instanceof Ran ran
                    && (best == null || ran.summary().medianNanos() < ((Ran) best.outcome()).summary().medianNanos())) {
                best = row;
            }
        }
        return Optional.ofNullable(best);
    }
}
