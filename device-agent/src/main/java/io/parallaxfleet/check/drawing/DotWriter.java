package io.parallaxfleet.check.drawing;

import java.util.stream.Collectors;

/** A picture in Graphviz' language. */
final class DotWriter {
    private DotWriter() {}

    static String write(Picture picture) {
        StringBuilder dot = new StringBuilder("digraph plan {\n");
        dot.append("  label=").append(quoted(picture.title() + "\n" + String.join("\n", picture.notes()))).append("; labelloc=t;\n");
        dot.append("  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=10];\n");
        for (Picture.Row row : picture.rows()) {
            dot.append("  { rank=same;\n");
            for (Picture.Box box : row.boxes()) {
                dot.append("    b").append(box.id()).append(" [label=").append(quoted(box.head() + "\n" + box.detail()))
                        .append(", tooltip=").append(quoted("layer " + row.label() + ", " + box.kind().legend() + "\n" + box.tip()))
                        .append(", fillcolor=\"").append(colour(box.kind())).append("\"];\n");
            }
            dot.append("  }\n");
        }
        for (Picture.Repeat repeat : picture.repeats()) {
            dot.append("  subgraph cluster_").append(repeat.firstRow()).append(" { label=\"").append(repeat.times()).append(" times\"; ")
                    .append(picture.rows().subList(repeat.firstRow(), repeat.lastRow() + 1).stream()
                            .flatMap(row -> row.boxes().stream())
                            .map(box -> "b" + box.id() + ";")
                            .collect(Collectors.joining(" ")))
                    .append(" }\n");
        }
        picture.edges().forEach(edge -> dot.append("  b").append(edge.from()).append(" -> b").append(edge.to()).append(";\n"));
        return dot.append("}\n").toString();
    }

    private static String colour(Picture.Kind kind) {
        return switch (kind) {
            case ACCELERATOR -> "#ffe1b8";
            case PARALLEL -> "#c9ecd2";
            case CPU -> "#e9edf2";
            case CONTROL_FLOW -> "#ead9fb";
        };
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
