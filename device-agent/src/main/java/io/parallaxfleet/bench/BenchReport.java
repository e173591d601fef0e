package io.parallaxfleet.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one model's benchmark found.
 *
 * @param energySource what measured the energy: rapl, ina3221, cpu-time-model or none
 */
record BenchReport(String model, String shapes, int threads, int runs, String energySource, List<Row> rows,
        Optional<Comparison> backToBack, Optional<Comparison> paced) {
    BenchReport {
        rows = List.copyOf(rows);
    }

    /**
     * One contender's figures.
     *
     * @param peakMemoryBytes peak resident bytes of its own process; absent where not measured
     */
    record Row(
            String contender,
            boolean peer,
            String setting,
            Map<Pacing, ModeSummary> latencies,
            OptionalLong peakMemoryBytes,
            double relativeDifference) {}

    /** The engine's median over the best peer's median in one mode. */
    record Comparison(String bestPeer, double ratio) {}

    static BenchReport of(String model, String shapes, int threads, int runs, String energySource, List<Row> rows) {
        return new BenchReport(model, shapes, threads, runs, energySource, rows, compare(rows, Pacing.BACK_TO_BACK),
                compare(rows, Pacing.PACED));
    }

    private static Optional<Comparison> compare(List<Row> rows, Pacing pacing) {
        Row best = null;
        for (Row row : rows) {
            if (row.peer() && row.latencies().containsKey(pacing)
                    && (best == null || median(row, pacing) < median(best, pacing))) {
                best = row;
            }
        }
        for (Row row : rows) {
            if (!row.peer() && best != null && row.latencies().containsKey(pacing)) {
                return Optional.of(new Comparison(best.contender(), (double) median(row, pacing) / median(best, pacing)));
            }
        }
        return Optional.empty();
    }

    private static long median(Row row, Pacing pacing) {
        return row.latencies().get(pacing).medianNanos();
    }

    private Optional<Comparison> comparison(Pacing pacing) {
        return switch (pacing) {
            case BACK_TO_BACK -> backToBack;
            case PACED -> paced;
        };
    }

    /** Fixed-width table for a terminal. */
    String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s (%s), %d threads, medians of %d runs each, alternating; energy: %s;"
                + " differs: outputs from the first row's%n", model, shapes, threads, runs, energySource));
        text.append(String.format(Locale.ROOT, "  %-24s %11s %9s %9s %12s %9s %9s %9s  %-9s %s%n", "", "b2b, ms", "p90", "mJ",
                "paced, ms", "p90", "mJ", "peak MB", "differs", "setting"));
        for (Row row : rows) {
            text.append(String.format(Locale.ROOT, "  %-24s %11s %9s %9s %12s %9s %9s %9s  %-9s %s%n", row.contender(),
                    milliseconds(row, Pacing.BACK_TO_BACK, false), milliseconds(row, Pacing.BACK_TO_BACK, true),
                    millijoules(row, Pacing.BACK_TO_BACK), milliseconds(row, Pacing.PACED, false),
                    milliseconds(row, Pacing.PACED, true), millijoules(row, Pacing.PACED), megabytes(row),
                    String.format(Locale.ROOT, "%.1e", row.relativeDifference()), row.setting()));
        }
        for (Pacing pacing : Pacing.values()) {
            comparison(pacing).ifPresent(found -> text.append(String.format(Locale.ROOT, "  %s: %.3f x the best plain setting (%s)%n",
                    pacing == Pacing.PACED ? "paced" : "back to back", found.ratio(), found.bestPeer())));
        }
        return text.toString();
    }

    /** Rows of the Markdown table whose head is {@link #markdownHead()}. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows) {
            text.append("| ").append(String.join(" | ", List.of(
                    row == rows.get(0) ? model : "", row.contender(), milliseconds(row, Pacing.BACK_TO_BACK, false),
                    milliseconds(row, Pacing.BACK_TO_BACK, true), milliseconds(row, Pacing.PACED, false),
                    milliseconds(row, Pacing.PACED, true), millijoules(row, Pacing.PACED), megabytes(row),
                    row.peer() ? "" : ratio(Pacing.BACK_TO_BACK),
                    row.peer() ? "" : ratio(Pacing.PACED), row.peer() ? "" : row.setting() + difference(row)))).append(" |\n");
        }
        return text.toString();
    }

    static String markdownHead() {
        return "| model | contender | back to back, median ms | p90 | paced, median ms | p90 | paced, mJ | peak RSS, MB | x best ORT, back to back"
                + " | x best ORT, paced | plan |\n|---|---|---|---|---|---|---|---|---|---|---|\n";
    }

    ObjectNode json(ObjectMapper mapper) {
        ObjectNode node = mapper.createObjectNode().put("model", model).put("shapes", shapes).put("threads", threads).put("runs", runs)
                .put("energySource", energySource);
        ArrayNode contenders = node.putArray("contenders");
        for (Row row : rows) {
            ObjectNode entry = contenders.addObject().put("name", row.contender()).put("setting", row.setting())
                    .put("relativeDifference", row.relativeDifference());
            row.peakMemoryBytes().ifPresent(bytes -> entry.put("peakMemoryBytes", bytes));
            row.latencies().forEach((pacing, summary) -> {
                ObjectNode mode = entry.putObject(pacing == Pacing.PACED ? "paced" : "backToBack")
                        .put("medianNanos", summary.medianNanos())
                        .put("p90Nanos", summary.p90Nanos())
                        .put("minNanos", summary.minNanos())
                        .put("maxNanos", summary.maxNanos());
                summary.microjoules().ifPresent(microjoules -> mode.put("microjoules", microjoules));
            });
        }
        backToBack.ifPresent(found -> node.put("backToBackRatio", found.ratio()).put("backToBackBestPeer", found.bestPeer()));
        paced.ifPresent(found -> node.put("pacedRatio", found.ratio()).put("pacedBestPeer", found.bestPeer()));
        return node;
    }

    /** Geometric mean of the engine's ratios over several models in one mode. */
    static OptionalDouble geometricMean(List<BenchReport> reports, Pacing pacing) {
        List<Double> logarithms = new ArrayList<>();
        reports.forEach(report -> report.comparison(pacing).ifPresent(found -> logarithms.add(Math.log(found.ratio()))));
        return logarithms.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.exp(logarithms.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
    }

    private String ratio(Pacing pacing) {
        return comparison(pacing).map(found -> String.format(Locale.ROOT, "%.2f", found.ratio())).orElse("");
    }

    /** Of the outputs, from those of the first contender. */
    private static String difference(Row row) {
        return row.relativeDifference() == 0 ? "" : String.format(Locale.ROOT, ", outputs differ by %.1e", row.relativeDifference());
    }

    private static String milliseconds(Row row, Pacing pacing, boolean p90) {
        ModeSummary summary = row.latencies().get(pacing);
        return summary == null
                ? "-"
                : String.format(Locale.ROOT, "%.2f", (p90 ? summary.p90Nanos() : summary.medianNanos()) / 1e6);
    }

    private static String millijoules(Row row, Pacing pacing) {
        ModeSummary summary = row.latencies().get(pacing);
        return summary == null || summary.microjoules().isEmpty()
                ? "-"
                : String.format(Locale.ROOT, "%.1f", summary.microjoules().getAsLong() / 1e3);
    }

    private static String megabytes(Row row) {
        return row.peakMemoryBytes().isPresent()
                ? String.format(Locale.ROOT, "%.0f", row.peakMemoryBytes().getAsLong() / 1e6)
                : "-";
    }
}
