package io.parallaxfleet.ablation;

import io.parallaxfleet.bench.MemoryTable;
import io.parallaxfleet.bench.ModeSummary;
import io.parallaxfleet.check.PlanStructure;
import io.parallaxfleet.engine.LayerTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** The tables of an ablation in Markdown. */
final class AblationTables {
    /** Layers shown from each end of the ranking. */
    private static final int SHOWN_LAYERS = 3;

    private final StringBuilder text = new StringBuilder();

    private AblationTables() {}

    static String markdown(List<ModelAblation> models) {
        AblationTables tables = new AblationTables();
        List<ModelAblation> timed = models.stream().filter(ModelAblation::timed).toList();
        if (!timed.isEmpty()) {
            tables.latency(timed);
        }
        tables.budgets(models);
        tables.arenas(models);
        if (!timed.isEmpty()) {
            tables.layers(timed);
        }
        tables.structures(models);
        return tables.text.toString();
    }

    private void latency(List<ModelAblation> models) {
        ModelAblation first = models.get(0);
        heading("Latency and energy (the paper's Tables 3 and 4)");
        text.append("Flags are those of `./parallax bench`. Timed runs of each row, in turns: ").append(first.runs())
                .append(". CPU threads where the row does not say otherwise: ").append(first.threads()).append(".\n\n");
        row("model", "row", "flags", "min, ms", "median, ms", "max, ms", "x best plain", "mJ (" + first.energySource() + ")",
                "peak RSS, MB", "what ran");
        rule(10);
        for (ModelAblation model : models) {
            double best = model.bestPlain().map(plain -> ((ModelAblation.Ran) plain.outcome()).summary().medianNanos()).orElse(0L);
            String name = model.model();
            Map<String, List<String>> leftOut = new LinkedHashMap<>();
            for (ModelAblation.Row row : model.rows()) {
                if (row.outcome() instanceof ModelAblation.Ran ran) {
                    row(cells(name, row.variant(), ran, best));
                    name = "";
                } else if (row.outcome() instanceof ModelAblation.LeftOut why) {
                    leftOut.computeIfAbsent(why.reason(), reason -> new ArrayList<>()).add(row.variant().name());
                }
            }
            leftOut.forEach((reason, names) ->
                    row("", String.join("; ", names), "", "", "", "", "", "", "", "not run: " + reason));
        }
    }

    private static String[] cells(String model, Variant variant, ModelAblation.Ran ran, double bestNanos) {
        String flags = String.join(" ", variant.kind() == Variant.Kind.PLAIN ? variant.engineFlags() : variant.flags());
        ModeSummary summary = ran.summary();
        return new String[] {model, variant.name(), flags.isEmpty() ? "" : "`" + flags + "`", milliseconds(summary.minNanos()),
            milliseconds(summary.medianNanos()), milliseconds(summary.maxNanos()), decimals(summary.medianNanos() / bestNanos),
            scaled(summary.microjoules(), 1e3, "%.1f"), scaled(ran.peakBytes(), 1e6, "%.0f"), ran.setting()};
    }

    private void budgets(List<ModelAblation> models) {
        heading("The tight budget");
        text.append("Counted on the plans: of the budgets that hold two branches of a layer, the one at which the two rules begin most"
                + " layers differently: for the layers that the paper's β and N admit, and for all with work worth a hand-over.\n\n");
        row("model", "budget, MB", "layers side by side", "not held at once", "begun differently", "without β and N: budget, MB", "layers",
                "not held at once", "begun differently");
        rule(9);
        for (ModelAblation model : models) {
            List<String> cells = new ArrayList<>(List.of(model.model()));
            for (BindingBudget budget : List.of(model.budget(), model.budgetWithoutRefinement())) {
                cells.addAll(List.of(budget.layers() == 0 ? "" : megabytes(budget.bytes()), Integer.toString(budget.layers()),
                        Integer.toString(budget.layersBound()), Integer.toString(budget.layersThatDiffer())));
            }
            row(cells.toArray(String[]::new));
        }
    }

    private void arenas(List<ModelAblation> models) {
        heading("Arenas, MB (the paper's Table 5)");
        row("model", "naive", "ORT in use", "ORT held", "paper's rule, no sharing", "paper's rule", "engine, no sharing", "engine");
        rule(8);
        for (ModelAblation model : models) {
            MemoryTable.Row memory = model.memory();
            row(model.model(), megabytes(memory.naive()), memory.ort().map(ort -> megabytes(ort.inUseBytes())).orElse(""),
                    memory.ort().map(ort -> megabytes(ort.heldBytes())).orElse(""), megabytes(memory.ownArenas()),
                    megabytes(memory.branchArenas()), megabytes(memory.engineUnshared()), megabytes(memory.engine()));
        }
    }

    private void layers(List<ModelAblation> models) {
        heading("Layers side by side against one wide step (the paper's Table 6)");
        row("model", "layer", "branches", "wide, ms", "side by side, ms", "change");
        rule(6);
        for (ModelAblation model : models) {
            if (model.layers().isEmpty()) {
                row(model.model(), "none that could", "", "", "", "");
            }
            String name = model.model();
            for (LayerTime layer : shown(model.layers())) {
                row(name, Integer.toString(layer.layer()), Integer.toString(layer.branches()), milliseconds(layer.wideNanos()),
                        milliseconds(layer.sideBySideNanos()), String.format(Locale.ROOT, "%+.1f %%", 100 * (layer.ratio() - 1)));
                name = "";
            }
        }
    }

    /** The best and the worst; all where they are few. */
    private static List<LayerTime> shown(List<LayerTime> layers) {
        List<LayerTime> ranked = new ArrayList<>(layers);
        ranked.sort(Comparator.comparingDouble(LayerTime::ratio));
        if (ranked.size() > 2 * SHOWN_LAYERS) {
            ranked.subList(SHOWN_LAYERS, ranked.size() - SHOWN_LAYERS).clear();
        }
        return ranked;
    }

    private void structures(List<ModelAblation> models) {
        heading("Structure (the paper's Table 7)");
        row("model", "stage", "nodes", "delegated", "branches", "layers", "parallel layers", "max branches");
        rule(8);
        for (ModelAblation model : models) {
            String name = model.model();
            for (PlanStructure structure : model.structures()) {
                row(name, structure.stage(), Integer.toString(structure.nodes()), Integer.toString(structure.delegatedRegions()),
                        Integer.toString(structure.branches()), Integer.toString(structure.layers()),
                        Long.toString(structure.parallelLayers()), Integer.toString(structure.maxBranches()));
                name = "";
            }
        }
    }

    private void heading(String title) {
        text.append(text.isEmpty() ? "" : "\n").append("### ").append(title).append("\n\n");
    }

    private void row(String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private void rule(int columns) {
        text.append("|---".repeat(columns)).append("|\n");
    }

    private static String milliseconds(long nanos) {
        return decimals(nanos / 1e6);
    }

    private static String megabytes(long bytes) {
        return decimals(bytes / 1e6);
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String scaled(OptionalLong value, double unit, String format) {
        return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsLong() / unit) : "";
    }
}
