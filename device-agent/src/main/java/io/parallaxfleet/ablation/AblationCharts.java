package io.parallaxfleet.ablation;

import io.parallaxfleet.ablation.chart.BarChart;
import io.parallaxfleet.ablation.chart.LineChart;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The paper's Figures 2 and 3 for what was measured, and what each ablation costs: SVG documents by file name. */
final class AblationCharts {
    private AblationCharts() {}

    static Map<String, String> of(List<ModelAblation> models) {
        Map<String, String> charts = new LinkedHashMap<>();
        charts.put("ablation-threads.svg", threads(models).svg());
        charts.put("ablation-latency.svg", latency(models).svg());
        if (models.stream().flatMap(model -> model.rows().stream())
                .anyMatch(row -> row.outcome() instanceof ModelAblation.Ran ran && ran.summary().microjoules().isPresent())) {
            charts.put("ablation-energy.svg", energy(models).svg());
        }
        return charts;
    }

    private static LineChart threads(List<ModelAblation> models) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (int index = 0; index < models.size(); index++) {
            ModelAblation model = models.get(index);
            SortedMap<Integer, Double> plain = new TreeMap<>();
            SortedMap<Integer, Double> engine = new TreeMap<>();
            for (ModelAblation.Row row : model.rows()) {
                if (row.outcome() instanceof ModelAblation.Ran ran) {
                    double milliseconds = ran.summary().medianNanos() / 1e6;
                    int threads = row.variant().threads(model.threads());
                    switch (row.variant().kind()) {
                        case PLAIN -> plain.merge(threads, milliseconds, Math::min);
                        case FEWER_THREADS -> engine.put(threads, milliseconds);
                        case ENGINE -> {
                            if (row.variant().name().equals(Variant.FULL)) {
                                engine.put(threads, milliseconds);
                            }
                        }
                        case SPLIT -> { }
                    }
                }
            }
            lines.add(new LineChart.Line(model.model(), index, false, engine));
            lines.add(new LineChart.Line(model.model() + ", ORT", index, true, plain));
        }
        return new LineChart("Latency by threads", List.of("Median; timed runs: " + runs(models) + ". Solid: the engine. Dashed: plain ONNX Runtime,"
                + " its best setting with so many threads."), "CPU threads", "latency, ms (logarithmic)", lines);
    }

    private static BarChart latency(List<ModelAblation> models) {
        return relative(models, "Latency of the ablations", "median latency, times the best plain ONNX Runtime setting",
                ran -> OptionalDouble.of(ran.summary().medianNanos() / 1e6), "ms");
    }

    private static BarChart energy(List<ModelAblation> models) {
        return relative(models, "Energy per inference", "energy of an inference by " + models.get(0).energySource()
                        + ", times the plain ONNX Runtime setting with the lowest latency",
                ran -> ran.summary().microjoules().isPresent()
                        ? OptionalDouble.of(ran.summary().microjoules().getAsLong() / 1e3)
                        : OptionalDouble.empty(), "mJ");
    }

    private static BarChart relative(List<ModelAblation> models, String title, String axis,
            Function<ModelAblation.Ran, OptionalDouble> figure, String unit) {
        // Models differ in the rows they have by nothing but those left out.
        List<String> series = models.get(0).rows().stream()
                .map(ModelAblation.Row::variant)
                .filter(variant -> variant.kind() == Variant.Kind.ENGINE || variant.kind() == Variant.Kind.SPLIT)
                .map(Variant::name)
                .toList();
        List<BarChart.Group> groups = new ArrayList<>();
        for (ModelAblation model : models) {
            ModelAblation.Row best = model.bestPlain().orElseThrow();
            OptionalDouble one = figure.apply((ModelAblation.Ran) best.outcome());
            if (one.isEmpty() || one.getAsDouble() <= 0) {
                continue;
            }
            List<OptionalDouble> values = new ArrayList<>();
            for (String name : series) {
                OptionalDouble value = model.ran(name).map(figure).orElse(OptionalDouble.empty());
                values.add(value.isPresent() ? OptionalDouble.of(value.getAsDouble() / one.getAsDouble()) : value);
            }
            groups.add(new BarChart.Group(model.model(),
                    String.format(Locale.ROOT, "1 = %.1f %s, %s", one.getAsDouble(), unit, best.variant().name()), values));
        }
        return new BarChart(title, List.of("Timed runs of each, in turns: " + runs(models) + ". What a model has no bar for was not run; the tables say why."),
                axis, series, groups);
    }

    private static int runs(List<ModelAblation> models) {
        return models.get(0).runs();
    }
}
