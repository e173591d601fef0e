package io.parallaxfleet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the engine itself costs beside its kernels, a row a model. */
final class OverheadTable {
    private final List<List<String>> rows = new ArrayList<>();

    OverheadTable(int threads) {
        rows.add(List.of("model", "plan", "own heap, B/run", "ONNX Runtime's API, B/run", "latency, ms", "outside kernels, us", "share",
                "same plan, 1 thread, ms", "T1/(" + threads + " x T" + threads + ")", "lost in wide steps", "by neighbours", "waiting"));
    }

    void add(String model, OverheadProbe probe) {
        rows.add(List.of(model, probe.plan().execution() + ", " + probe.plan().steps().size() + " steps", format("%.0f", probe.ownBytes()),
                format("%.0f", probe.runtimeBytes()), format("%.2f", probe.latencyNanos() * 1e-6),
                format("%.1f", probe.outsideNanos() * 1e-3), format("%.2f %%", 100 * probe.outsideShare()),
                format("%.2f", probe.oneThreadNanos() * 1e-6), format("%.2f", probe.efficiency()), percent(probe.loss().wideSteps()), percent(probe.loss().sideBySide()),
                percent(probe.loss().waiting())));
    }

    String text(boolean markdown) {
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < rows.size(); row++) {
            List<String> cells = rows.get(row);
            if (markdown) {
                text.append("| ").append(String.join(" | ", cells)).append(" |\n").append(row == 0 ? "|---".repeat(cells.size()) + "|\n" : "");
            } else {
                text.append(format("%-30s %-24s", cells.get(0), cells.get(1)));
                cells.subList(2, cells.size()).forEach(cell -> text.append(format(" %25s", cell)));
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String percent(double share) {
        return format("%.1f %%", 100 * share);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
