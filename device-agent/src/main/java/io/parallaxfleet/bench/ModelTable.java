package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A report of {@code parallax bench} that has a row for each model.
 *
 * @param doing what is done to a model, for the line of progress
 * @param add measures a model and adds its row
 * @param text the table, as Markdown or for a terminal
 */
record ModelTable(String doing, Consumer<PreparedModel> add, Text text) {
    /** A table as text. */
    @FunctionalInterface
    interface Text {
        String of(boolean markdown);
    }

    static ModelTable memory(EngineOptions options) {
        MemoryTable table = new MemoryTable();
        return new ModelTable("planning and profiling", model -> table.add(MemoryTable.row(model, options.threads())), table::text);
    }

    static ModelTable scaling(EngineOptions options) {
        ScalingTable table = new ScalingTable(options.threads());
        return new ModelTable("profiling operators",
                model -> table.add(model.name(), ScalingProbe.measure(model, options.threads())), table::text);
    }

    /** @param runs of each of its turns */
    static ModelTable overhead(EngineOptions options, int runs) {
        OverheadTable table = new OverheadTable(options.threads());
        EngineCompilation.warmUp(options);
        return new ModelTable("running", model -> table.add(model.name(), OverheadProbe.measure(model, options, runs)), table::text);
    }

    /** @param runs of each contender after each rest, rounded up to whole visits */
    static ModelTable pauses(EngineOptions options, WarmUp warmUp, int runs) {
        // Parallel mode is left out: it loses in either mode, and its threads would make every round longer.
        List<String> compared =
                Contenders.names(options.threads()).stream().filter(Predicate.not(name -> name.startsWith("ort-parallel"))).toList();
        PauseTable table = new PauseTable(compared);
        return new ModelTable("running", model -> {
            try (OpenContenders contenders = OpenContenders.of(compared, model, options); ModelInputs inputs = ModelInputs.of(model)) {
                table.add(model.name(), new PauseProbe(contenders.all(), inputs.tensors(), warmUp, PauseProbe.Conditions.ofThisMachine())
                        .measure((runs + PauseProbe.RUNS_OF_A_VISIT - 1) / PauseProbe.RUNS_OF_A_VISIT));
            }
        }, table::text);
    }
}
