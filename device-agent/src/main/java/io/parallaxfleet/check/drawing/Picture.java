package io.parallaxfleet.check.drawing;

import java.util.List;

/**
 * A plan as rows of boxes, without positions: layers from top to bottom, the branches of a layer side by side.
 *
 * @param title model and policy
 * @param notes lines under the title
 * @param rows from top to bottom
 * @param edges who reads whose outputs; always from a row to one further down
 * @param repeats rows that stand for several alike
 */
record Picture(String title, List<String> notes, List<Row> rows, List<Edge> edges, List<Repeat> repeats) {
    Picture {
        notes = List.copyOf(notes);
        rows = List.copyOf(rows);
        edges = List.copyOf(edges);
        repeats = List.copyOf(repeats);
    }

    /** What a box stands for; decides its colour. */
    enum Kind {
        ACCELERATOR("delegated region"),
        PARALLEL("CPU branch of a parallel layer"),
        CPU("CPU branch"),
        CONTROL_FLOW("CPU branch with sub-graphs");

        private final String legend;

        Kind(String legend) {
            this.legend = legend;
        }

        String legend() {
            return legend;
        }
    }

    /**
     * @param id unique in the picture
     * @param head first line
     * @param detail second line
     * @param tip everything there is to say
     */
    record Box(int id, Kind kind, String head, String detail, String tip) {}

    /** @param label which layers, e.g. {@code 3} or {@code 3-7} */
    record Row(String label, List<Box> boxes) {
        Row {
            boxes = List.copyOf(boxes);
        }
    }

    /** Rows {@code firstRow..lastRow} are drawn once and stand for {@code times} equal sequences of layers. */
    record Repeat(int firstRow, int lastRow, int times) {}

    /** From box to box, by id. */
    record Edge(int from, int to) {}
}
