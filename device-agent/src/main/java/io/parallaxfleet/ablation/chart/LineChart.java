package io.parallaxfleet.ablation.chart;

import io.parallaxfleet.svg.TextWidth;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Positive figures over whole numbers, the figures on a logarithmic axis, each line named where it ends.
 *
 * @param notes lines under the title
 * @param xAxis what the whole numbers count
 * @param yAxis what the figures are, with their unit
 */
public record LineChart(String title, List<String> notes, String xAxis, String yAxis, List<Line> lines) {
    private static final double HEIGHT = 420;
    private static final double LEFT = 78;
    private static final double AXIS_HEIGHT = 44;
    private static final double LABEL_STEP = 14;
    private static final double[] TICKS = {1, 2, 5};

    public LineChart {
        notes = List.copyOf(notes);
        lines = List.copyOf(lines);
    }

    /**
     * @param label at its end
     * @param colour lines of one colour belong together
     * @param dashed tells two lines of one colour apart
     * @param points figure by whole number, at least one, all above 0
     */
    public record Line(String label, int colour, boolean dashed, SortedMap<Integer, Double> points) {
        public Line {
            points = Collections.unmodifiableSortedMap(new TreeMap<>(points));
            if (points.isEmpty() || points.values().stream().anyMatch(value -> !(value > 0))) {
                throw new IllegalArgumentException("'" + label + "' needs points above 0 for a logarithmic axis and has " + points);
            }
        }
    }

    /** Where everything lies. */
    private record Frame(double top, double right, int firstX, int lastX, double low, double high) {
        double x(int value) {
            return firstX == lastX ? (LEFT + right) / 2 : LEFT + 16 + (right - LEFT - 32) * (value - firstX) / (lastX - firstX);
        }

        double y(double value) {
            return top + HEIGHT * (Math.log(high) - Math.log(value)) / (Math.log(high) - Math.log(low));
        }
    }

    /** The drawing as an SVG document. */
    public String svg() {
        ChartDocument page = new ChartDocument(title, notes);
        double labels = lines.stream().mapToDouble(line -> TextWidth.of(line.label(), ChartDocument.TEXT_PIXELS)).max().orElse(0);
        Frame frame = new Frame(page.top(), ChartDocument.WIDTH - ChartDocument.MARGIN - labels - 14,
                lines.stream().flatMap(line -> line.points().keySet().stream()).mapToInt(Integer::intValue).min().orElse(1),
                lines.stream().flatMap(line -> line.points().keySet().stream()).mapToInt(Integer::intValue).max().orElse(1),
                lines.stream().flatMap(line -> line.points().values().stream()).mapToDouble(value -> value).min().orElse(1) / 1.25,
                lines.stream().flatMap(line -> line.points().values().stream()).mapToDouble(value -> value).max().orElse(1) * 1.25);
        axes(page, frame);
        lines.forEach(line -> page.line(
                line.points().entrySet().stream()
                        .map(point -> new double[] {frame.x(point.getKey()), frame.y(point.getValue())})
                        .toList(),
                line.colour(), line.dashed()));
        names(page, frame);
        return page.document(Math.max(page.top() + HEIGHT + AXIS_HEIGHT, page.top() + lines.size() * LABEL_STEP));
    }

    private void axes(ChartDocument page, Frame frame) {
        for (int power = (int) Math.floor(Math.log10(frame.low())); power <= Math.log10(frame.high()); power++) {
            for (double digit : TICKS) {
                double value = digit * Math.pow(10, power);
                if (value >= frame.low() && value <= frame.high()) {
                    page.rule("grid", LEFT, frame.y(value), frame.right(), frame.y(value));
                    page.text(LEFT - 8, frame.y(value) + 4, ChartDocument.TEXT_PIXELS, "muted", "end",
                            ChartDocument.format(value < 1 ? "%.1f" : "%.0f", value));
                }
            }
        }
        for (int value = frame.firstX(); value <= frame.lastX(); value++) {
            page.text(frame.x(value), frame.top() + HEIGHT + 18, ChartDocument.TEXT_PIXELS, "muted", "middle", Integer.toString(value));
        }
        page.text((LEFT + frame.right()) / 2, frame.top() + HEIGHT + 36, ChartDocument.TEXT_PIXELS, "muted", "middle", xAxis);
        page.upright(ChartDocument.MARGIN + 8, frame.top() + HEIGHT / 2, yAxis);
    }

    /** Names beside the ends of their lines, moved down where two would overlap. */
    private void names(ChartDocument page, Frame frame) {
        List<Line> byEnd = new ArrayList<>(lines);
        byEnd.sort(Comparator.comparingDouble(line -> frame.y(last(line))));
        double y = Double.NEGATIVE_INFINITY;
        for (Line line : byEnd) {
            y = Math.max(y + LABEL_STEP, frame.y(last(line)) + 4);
            page.text(frame.right() + 10, y, ChartDocument.TEXT_PIXELS, "name", "start", line.label());
        }
    }

    private static double last(Line line) {
        return line.points().get(line.points().lastKey());
    }
}
