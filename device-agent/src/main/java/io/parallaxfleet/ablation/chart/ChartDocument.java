package io.parallaxfleet.ablation.chart;

import io.parallaxfleet.svg.SvgText;
import io.parallaxfleet.svg.TextWidth;
import java.util.List;
import java.util.Locale;

/** A chart as one SVG file without outside references, readable on light and dark pages: head and legend, then what is drawn. */
final class ChartDocument {
    static final double WIDTH = 860;
    static final double MARGIN = 24;
    static final double TEXT_PIXELS = 12;
    /** Colours that can be told apart; series beyond take the first ones again. */
    static final int COLOURS = 10;
    private static final double TITLE_PIXELS = 16;
    private static final double SQUARE = 12;

    // Every colour has a contrast of at least 3 to its page. No figure is told by colour alone.
    private static final String STYLE = """
            <style>
              svg { --page: #ffffff; --text: #1f2328; --muted: #59636e; --grid: #d8dee4; --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37;
                    --c3: #8250df; --c4: #cf222e; --c5: #0b7285; --c6: #8a6100; --c7: #bf3989; --c8: #6e7781;
                    --c9: #2d333b; }
              @media (prefers-color-scheme: dark) {
                svg { --page: #0d1117; --text: #e6edf3; --muted: #9aa4b0; --grid: #30363d; --c0: #58a6ff; --c1: #f0883e; --c2: #3fb950;
                      --c3: #bc8cff; --c4: #ff7b72; --c5: #39c5cf; --c6: #d29922; --c7: #f778ba; --c8: #8b949e;
                      --c9: #cdd9e5; }
              }
              text { font-family: system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif; fill: var(--text); }
              .title { font-weight: 600; }
              .muted { fill: var(--muted); }
              .figure { paint-order: stroke; stroke: var(--page); stroke-width: 4; }
              .grid { stroke: var(--grid); stroke-width: 1; }
              .reference { stroke: var(--text); stroke-width: 1.2; }
              .line { fill: none; stroke-width: 2; }
              .dashed { stroke-dasharray: 5 4; }
            </style>
            """;

    private final String title;
    private final StringBuilder drawn = new StringBuilder();
    private double top = MARGIN;

    ChartDocument(String title, List<String> notes) {
        this.title = title;
        top += TITLE_PIXELS;
        text(MARGIN, top, TITLE_PIXELS, "title", "start", title);
        for (String note : notes) {
            top += TEXT_PIXELS + 6;
            text(MARGIN, top, TEXT_PIXELS, "muted", "start", note);
        }
        top += 14;
    }

    /** Where what comes next begins. */
    double top() {
        return top;
    }

    /** One square and name for each series, in as many lines as that takes. */
    void legend(List<String> series) {
        double x = MARGIN;
        for (int index = 0; index < series.size(); index++) {
            double width = SQUARE + 6 + TextWidth.of(series.get(index), TEXT_PIXELS) + 18;
            if (x + width > WIDTH - MARGIN && x > MARGIN) {
                x = MARGIN;
                top += SQUARE + 8;
            }
            rectangle(x, top, SQUARE, SQUARE, index);
            text(x + SQUARE + 6, top + SQUARE - 2, TEXT_PIXELS, "muted", "start", series.get(index));
            x += width;
        }
        top += SQUARE + 20;
    }

    void text(double x, double y, double pixels, String style, String anchor, String content) {
        drawn.append(format("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"%s\">%s</text>%n", style, x, y,
                pixels, anchor, SvgText.escape(content)));
    }

    /** Text that reads upwards. */
    void upright(double x, double y, String content) {
        drawn.append(format("<text class=\"muted\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"middle\""
                + " transform=\"rotate(-90 %.1f %.1f)\">%s</text>%n", x, y, TEXT_PIXELS, x, y, SvgText.escape(content)));
    }

    void rectangle(double x, double y, double width, double height, int colour) {
        drawn.append(format("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\" style=\"fill: var(--c%d)\"/>%n", x, y,
                width, height, colour % COLOURS));
    }

    void rule(String style, double x1, double y1, double x2, double y2) {
        drawn.append(format("<path class=\"%s\" d=\"M%.1f %.1fL%.1f %.1f\"/>%n", style, x1, y1, x2, y2));
    }

    /** A line through points, each marked. */
    void line(List<double[]> points, int colour, boolean dashed) {
        StringBuilder path = new StringBuilder();
        for (double[] point : points) {
            path.append(format("%s%.1f %.1f", path.isEmpty() ? "M" : "L", point[0], point[1]));
            drawn.append(format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" style=\"fill: var(--c%d)\"/>%n", point[0], point[1],
                    colour % COLOURS));
        }
        drawn.append(format("<path class=\"line%s\" d=\"%s\" style=\"stroke: var(--c%d)\"/>%n", dashed ? " dashed" : "", path,
                colour % COLOURS));
    }

    String document(double bottom) {
        return format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">%n",
                        WIDTH, bottom + MARGIN, WIDTH, bottom + MARGIN)
                + "<title>" + SvgText.escape(title) + "</title>\n"
                + STYLE
                + "<rect width=\"100%\" height=\"100%\" style=\"fill: var(--page)\"/>\n"
                + drawn
                + "</svg>\n";
    }

    static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
