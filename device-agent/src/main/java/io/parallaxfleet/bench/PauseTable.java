package io.parallaxfleet.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a pause costs each contender, a row a model: latency back to back, and after a pause as a multiple of it. */
final class PauseTable {
    private static final List<Rest> PAUSES = List.of(Rest.AWAKE, Rest.ASLEEP);

    private final List<String> contenders;
    private final List<List<String>> rows = new ArrayList<>();
    /** Sum of the logarithms of a contender's ratios after a rest, by column. */
    private final Map<String, Double> logarithms = new LinkedHashMap<>();
    private int models;

    PauseTable(List<String> contenders) {
        this.contenders = List.copyOf(contenders);
        List<String> head = new ArrayList<>(List.of("model"));
        for (String contender : this.contenders) {
            head.addAll(List.of(contender + ", ms", "x, pause awake", "x, pause asleep"));
        }
        head.add("rounds disturbed");
        rows.add(head);
    }

    void add(String model, PauseProbe.Found found) {
        List<String> row = new ArrayList<>(List.of(model));
        for (String contender : contenders) {
            PauseProbe.Costs costs = found.byContender().get(contender);
            if (costs == null) {
                row.addAll(List.of("", "", ""));
                continue;
            }
            row.add(format(costs.nanos().get(Rest.NONE) * 1e-6));
            for (Rest rest : PAUSES) {
                row.add(format(costs.ratio(rest)));
                logarithms.merge(contender + rest, Math.log(costs.ratio(rest)), Double::sum);
            }
        }
        row.add(String.valueOf(found.disturbedRounds()));
        rows.add(row);
        if (!found.byContender().isEmpty()) {
            models++;
        }
    }

    /** One row a model, and the geometric means of the ratios; a row without figures is a model in whose every round others were busy. */
    String text(boolean markdown) {
        List<List<String>> lines = new ArrayList<>(rows);
        if (models > 0) {
            List<String> means = new ArrayList<>(List.of("geometric mean"));
            for (String contender : contenders) {
                means.add("");
                PAUSES.forEach(rest -> means.add(format(Math.exp(logarithms.get(contender + rest) / models))));
            }
            means.add("");
            lines.add(means);
        }
        StringBuilder text = new StringBuilder();
        for (int line = 0; line < lines.size(); line++) {
            List<String> cells = lines.get(line);
            if (markdown) {
                text.append("| ").append(String.join(" | ", cells)).append(" |\n").append(line == 0 ? "|---".repeat(cells.size()) + "|\n" : "");
            } else {
                text.append(String.format(Locale.ROOT, "%-30s", cells.get(0)));
                cells.subList(1, cells.size()).forEach(cell -> text.append(String.format(Locale.ROOT, " %28s", cell)));
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static String format(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
