package io.parallaxfleet.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where plain ONNX Runtime's threads lose time on each model, and how much of it any other schedule of the same operators could
 * win back at most.
 */
final class ScalingTable {
    private static final int TYPES_SHOWN = 4;

    private final int threads;
    private final List<Row> rows = new ArrayList<>();

    private record Row(String model, ScalingProbe probe, ScalingBound bound) {
        /** The best any schedule could do over what ONNX Runtime's own does, both without the time outside operators. */
        double best() {
            return (double) bound.nanos() / bound.oneAfterAnotherNanos();
        }
    }

    ScalingTable(int threads) {
        this.threads = threads;
    }

    void add(String model, ScalingProbe probe) {
        rows.add(new Row(model, probe, ScalingBound.of(probe.operators(), threads)));
    }

    /** One row a model, and the geometric mean of the last ratio. */
    String text(boolean markdown) {
        StringBuilder text = new StringBuilder();
        line(text, markdown, List.of("model", "1 thread, ms", threads + " threads", "efficiency", "outside operators", "all cores busy",
                "longest path", "best schedule, x " + threads + " threads", "lost to, share of the latency"));
        if (markdown) {
            text.append("|---".repeat(9)).append("|\n");
        }
        for (Row row : rows) {
            line(text, markdown, cells(row));
        }
        double sum = rows.stream().mapToDouble(row -> Math.log(row.best())).sum();
        if (!rows.isEmpty()) {
            line(text, markdown, List.of("geometric mean", "", "", "", "", "", "", ratio(Math.exp(sum / rows.size())), ""));
        }
        return text.toString();
    }

    private List<String> cells(Row row) {
        ScalingProbe probe = row.probe();
        long outside = Math.max(0, probe.allThreadsNanos() - row.bound().oneAfterAnotherNanos());
        return List.of(row.model(), milliseconds(probe.oneThreadNanos()), milliseconds(probe.allThreadsNanos()),
                ratio((double) probe.oneThreadNanos() / (threads * probe.allThreadsNanos())),
                percent((double) outside / probe.allThreadsNanos()), milliseconds(row.bound().workNanos()),
                milliseconds(row.bound().pathNanos()), ratio(row.best()), losses(row));
    }

    private String losses(Row row) {
        Map<String, Long> lost = new HashMap<>();
        for (ScalingBound.Operator operator : row.probe().operators()) {
            lost.merge(operator.type(), operator.lostNanos(threads), Long::sum);
        }
        return lost.entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry<String, Long>::getValue).reversed().thenComparing(Map.Entry::getKey))
                .limit(TYPES_SHOWN)
                .map(entry -> entry.getKey() + " " + percent((double) entry.getValue() / row.probe().allThreadsNanos()))
                .collect(Collectors.joining(", "));
    }

    private static String milliseconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f", nanos * 1e-6);
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }

    private static void line(StringBuilder text, boolean markdown, List<String> cells) {
        if (markdown) {
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
            return;
        }
        text.append(String.format(Locale.ROOT, "%-30s", cells.get(0)));
        cells.subList(1, cells.size() - 1).forEach(cell -> text.append(String.format(Locale.ROOT, " %17s", cell)));
        text.append("  ").append(cells.get(cells.size() - 1)).append('\n');
    }
}
