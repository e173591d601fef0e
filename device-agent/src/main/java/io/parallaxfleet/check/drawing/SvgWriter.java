package io.parallaxfleet.check.drawing;

import io.parallaxfleet.svg.SvgText;
import io.parallaxfleet.svg.TextWidth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pictures as one SVG file without outside references, readable on light and dark pages. */
final class SvgWriter {
    private static final double MARGIN = 24;
    private static final double LEFT_COLUMN = 92;
    private static final double TITLE_PIXELS = 16;
    /** Of a semi-bold letter, that of a regular one being 1. */
    private static final double TITLE_WEIGHT_WIDTH = 1.12;
    private static final double NOTE_PIXELS = 12;
    private static final double LEGEND_SQUARE = 12;

    // Colours by what they are for; the second set is taken where the reader's page is dark. Text on every fill has a contrast
    // of at least 4.5 in both.
    private static final String STYLE = """
            <style>
              svg { --page: #ffffff; --text: #1f2328; --muted: #59636e; --line: #8c96a3; --frame: #c3cad3;
                    --accelerator: #ffe1b8; --accelerator-frame: #c4690a; --parallel: #c9ecd2; --parallel-frame: #2a8a47;
                    --cpu: #e9edf2; --cpu-frame: #8390a0; --control: #ead9fb; --control-frame: #8144c4; }
              @media (prefers-color-scheme: dark) {
                svg { --page: #0d1117; --text: #e6edf3; --muted: #9aa4b0; --line: #66707c; --frame: #3a434e;
                      --accelerator: #5a3508; --accelerator-frame: #f0a04b; --parallel: #15462a; --parallel-frame: #4fc777;
                      --cpu: #222a35; --cpu-frame: #6d7a8a; --control: #3d2560; --control-frame: #b58af0; }
              }
              text { font-family: system-ui, "Segoe UI", Helvetica, Arial, "DejaVu Sans", sans-serif; fill: var(--text); }
              .title { font-weight: 600; }
              .muted { fill: var(--muted); }
              .edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
              .bracket { fill: none; stroke: var(--muted); stroke-width: 1.5; }
              .ACCELERATOR { fill: var(--accelerator); stroke: var(--accelerator-frame); stroke-width: 1.6; }
              .PARALLEL { fill: var(--parallel); stroke: var(--parallel-frame); stroke-width: 1.3; }
              .CPU { fill: var(--cpu); stroke: var(--cpu-frame); }
              .CONTROL_FLOW { fill: var(--control); stroke: var(--control-frame); stroke-width: 1.3; }
            </style>
            """;

    private final Picture picture;
    private final Layout layout;
    private final StringBuilder svg = new StringBuilder();
    /** Wide enough for the title and the legend, whatever the plan. */
    private final double width;
    private final double shiftX;
    private double shiftY = MARGIN;

    private SvgWriter(Picture picture) {
        this.picture = picture;
        layout = Layout.of(picture);
        double text = TITLE_WEIGHT_WIDTH * TextWidth.of(picture.title(), TITLE_PIXELS);
        for (String note : picture.notes()) {
            text = Math.max(text, TextWidth.of(note, NOTE_PIXELS));
        }
        text = Math.max(text, legendWidth());
        double drawn = LEFT_COLUMN + layout.right() - layout.left();
        width = 2 * MARGIN + Math.max(text, drawn);
        shiftX = MARGIN + LEFT_COLUMN - layout.left() + Math.max(0, text - drawn) / 2;
    }

    /** The pictures one below the other; the first one's title is the document's. */
    static String write(List<Picture> pictures) {
        StringBuilder drawn = new StringBuilder();
        double width = 0;
        double height = 0;
        for (Picture picture : pictures) {
            SvgWriter writer = new SvgWriter(picture);
            writer.head();
            writer.repeats();
            writer.edges();
            writer.rows();
            drawn.append(format("<svg y=\"%.1f\">%n", height)).append(writer.svg).append("</svg>\n");
            width = Math.max(width, writer.width);
            height += writer.shiftY + writer.layout.height() + MARGIN;
        }
        return document(pictures.get(0).title(), width, height, drawn);
    }

    private void head() {
        shiftY += TITLE_PIXELS;
        text(MARGIN, shiftY, TITLE_PIXELS, "title", picture.title(), "start");
        for (String note : picture.notes()) {
            shiftY += NOTE_PIXELS + 7;
            text(MARGIN, shiftY, NOTE_PIXELS, "muted", note, "start");
        }
        shiftY += 14;
        double x = MARGIN;
        for (Picture.Kind kind : used()) {
            svg.append(format("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.0f\" height=\"%.0f\" rx=\"3\"/>%n", kind, x, shiftY,
                    LEGEND_SQUARE, LEGEND_SQUARE));
            text(x + LEGEND_SQUARE + 6, shiftY + LEGEND_SQUARE - 2, NOTE_PIXELS, "muted", kind.legend(), "start");
            x += legendWidth(kind);
        }
        shiftY += LEGEND_SQUARE + 26;
    }

    private List<Picture.Kind> used() {
        List<Picture.Kind> used = new ArrayList<>();
        for (Picture.Kind kind : Picture.Kind.values()) {
            if (picture.rows().stream().anyMatch(row -> row.boxes().stream().anyMatch(box -> box.kind() == kind))) {
                used.add(kind);
            }
        }
        return used;
    }

    private double legendWidth() {
        return used().stream().mapToDouble(SvgWriter::legendWidth).sum();
    }

    private static double legendWidth(Picture.Kind kind) {
        return LEGEND_SQUARE + 6 + TextWidth.of(kind.legend(), NOTE_PIXELS) + 22;
    }

    private void repeats() {
        for (Picture.Repeat repeat : picture.repeats()) {
            double top = shiftY + layout.rows().get(repeat.firstRow()).get(0).top() - 6;
            double bottom = shiftY + layout.rows().get(repeat.lastRow()).get(0).bottom() + 6;
            double x = MARGIN + 38;
            svg.append(format("<path class=\"bracket\" d=\"M%.1f %.1fh-8V%.1fh8\"/>%n", x, top, bottom));
            text(x - 12, (top + bottom) / 2 + 4, NOTE_PIXELS, "title", "× " + repeat.times(), "end");
        }
    }

    private void edges() {
        for (List<Layout.Item> row : layout.rows()) {
            for (Layout.Item from : row) {
                double x = shiftX + from.x;
                if (from.lane) {
                    svg.append(format("<path class=\"edge\" d=\"M%.1f %.1fV%.1f\"/>%n", x, shiftY + from.top(), shiftY + from.bottom()));
                }
                for (Layout.Item to : from.below) {
                    double y = shiftY + from.bottom();
                    double half = (to.top() - from.bottom()) / 2;
                    svg.append(format("<path class=\"edge\" d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>%n", x, y, x, y + half,
                            shiftX + to.x, y + half, shiftX + to.x, shiftY + to.top()));
                }
            }
        }
    }

    private void rows() {
        for (int row = 0; row < layout.rows().size(); row++) {
            double middle = shiftY + layout.rows().get(row).get(0).top() + Layout.BOX_HEIGHT / 2;
            text(MARGIN + LEFT_COLUMN - 14, middle + 4, NOTE_PIXELS, "muted", picture.rows().get(row).label(), "end");
            for (Layout.Item item : layout.rows().get(row)) {
                if (!item.lane) {
                    box(item);
                }
            }
        }
    }

    private void box(Layout.Item item) {
        double inner = item.width - 2 * Layout.PADDING;
        double x = shiftX + item.x;
        double y = shiftY + item.top();
        svg.append("<g><title>").append(SvgText.escape(item.box.tip())).append("</title>\n");
        svg.append(format("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" rx=\"5\"/>%n", item.box.kind(),
                x - item.width / 2, y, item.width, Layout.BOX_HEIGHT));
        text(x, y + 17, Layout.HEAD_PIXELS, "head", TextWidth.fit(item.box.head(), Layout.HEAD_PIXELS, inner), "middle");
        text(x, y + 32, Layout.DETAIL_PIXELS, "muted", TextWidth.fit(item.box.detail(), Layout.DETAIL_PIXELS, inner), "middle");
        svg.append("</g>\n");
    }

    private void text(double x, double y, double pixels, String style, String content, String anchor) {
        svg.append(format("<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" text-anchor=\"%s\">%s</text>%n", style, x, y,
                pixels, anchor, SvgText.escape(content)));
    }

    private static String document(String title, double width, double height, CharSequence drawn) {
        return format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\">%n",
                        width, height, width, height)
                + "<title>" + SvgText.escape(title) + "</title>\n"
                + STYLE
                + "<rect width=\"100%\" height=\"100%\" style=\"fill: var(--page)\"/>\n"
                + drawn
                + "</svg>\n";
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
