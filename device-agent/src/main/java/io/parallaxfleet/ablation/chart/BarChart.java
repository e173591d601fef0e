package io.parallaxfleet.ablation.chart;

import io.parallaxfleet.svg.TextWidth;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Horizontal bars in groups, all over one axis from 0, with a rule at 1: ratios to something. A bar that is longer than the axis is
 * cut; its figure stands beside it all the same.
 *
 * @param notes lines under the title
 * @param axis what the axis shows, with its unit
 * @param series what the bars of every group are, in order
 */
public record BarChart(String title, List<String> notes, String axis, List<String> series, List<Group> groups) {
    /** Longer bars say "much worse" whatever their length, and would press the others together. */
    private static final double LONGEST = 2.5;
    private static final double BAR_HEIGHT = 12;
    private static final double BAR_STEP = 14;
    private static final double GROUP_GAP = 16;
    private static final double AXIS_HEIGHT = 40;
    private static final double FIGURE_WIDTH = 56;
    private static final double FIGURE_PIXELS = 10;

    public BarChart {
        notes = List.copyOf(notes);
        series = List.copyOf(series);
        groups = List.copyOf(groups);
        for (Group group : groups) {
            if (group.values().size() != series.size()) {
                throw new IllegalArgumentException(
                        "'" + group.label() + "' has " + group.values().size() + " bars for " + series.size() + " series");
            }
        }
    }

    /**
     * @param label beside the bars
     * @param detail under it
     * @param values one for each series; empty: not measured, no bar
     */
    public record Group(String label, String detail, List<OptionalDouble> values) {
        public Group {
            values = List.copyOf(values);
        }
    }

    /** The drawing as an SVG document. */
    public String svg() {
        ChartDocument page = new ChartDocument(title, notes);
        page.legend(series);
        double left = ChartDocument.MARGIN + 14 + groups.stream()
                .mapToDouble(group -> Math.max(TextWidth.of(group.label(), ChartDocument.TEXT_PIXELS),
                        TextWidth.of(group.detail(), FIGURE_PIXELS)))
                .max()
                .orElse(0);
        double most = groups.stream().flatMap(group -> group.values().stream()).mapToDouble(value -> value.orElse(0)).max().orElse(1);
        double end = Math.min(LONGEST, Math.max(1.25, Math.ceil(most * 4) / 4));
        double scale = (ChartDocument.WIDTH - ChartDocument.MARGIN - FIGURE_WIDTH - left) / end;
        double bottom = page.top() + groups.stream().mapToDouble(BarChart::height).sum();
        for (double tick = 0; tick <= end + 1e-9; tick += 0.25) {
            page.rule(Math.abs(tick - 1) < 1e-9 ? "reference" : "grid", left + tick * scale, page.top() - 4, left + tick * scale, bottom);
            page.text(left + tick * scale, bottom + 14, FIGURE_PIXELS, "muted", "middle", ChartDocument.format("%.2f", tick));
        }
        double y = page.top();
        for (Group group : groups) {
            double middle = y + (height(group) - GROUP_GAP) / 2;
            page.text(left - 10, middle, ChartDocument.TEXT_PIXELS, "title", "end", group.label());
            page.text(left - 10, middle + 13, FIGURE_PIXELS, "muted", "end", group.detail());
            double bar = y;
            for (int index = 0; index < series.size(); index++) {
                if (group.values().get(index).isPresent()) {
                    bar(page, left, bar, scale, end, group.values().get(index).getAsDouble(), index);
                    bar += BAR_STEP;
                }
            }
            y += height(group);
        }
        page.text(left + end * scale / 2, bottom + AXIS_HEIGHT - 8, ChartDocument.TEXT_PIXELS, "muted", "middle", axis);
        return page.document(bottom + AXIS_HEIGHT);
    }

    private static double height(Group group) {
        return Math.max(2, group.values().stream().filter(OptionalDouble::isPresent).count()) * BAR_STEP + GROUP_GAP;
    }

    private static void bar(ChartDocument page, double left, double y, double scale, double end, double value, int index) {
        double drawn = Math.min(value, end);
        page.rectangle(left, y, drawn * scale, BAR_HEIGHT, index);
        page.text(left + drawn * scale + 5, y + BAR_HEIGHT - 2, FIGURE_PIXELS, "figure", "start",
                ChartDocument.format(value > end ? "%.2f, cut" : "%.2f", value));
    }
}
