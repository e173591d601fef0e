package io.parallaxfleet.check.drawing;

import io.parallaxfleet.svg.TextWidth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Positions for a picture, after Sugiyama: rows are given, so what remains is the order in each row (barycentres of the
 * neighbours) and the places along it. An edge over several rows runs in a lane of its own between the boxes; all edges of a box
 * share one lane. All lengths in pixels.
 */
final class Layout {
    static final double BOX_HEIGHT = 40;
    static final double HEAD_PIXELS = 12;
    static final double DETAIL_PIXELS = 10.5;
    static final double PADDING = 9;
    private static final double ROW_GAP = 30;
    private static final double BOX_GAP = 14;
    private static final double WIDEST_TEXT = 170;
    private static final double NARROWEST_TEXT = 52;
    private static final double LANE_WIDTH = 6;
    private static final int ORDER_SWEEPS = 12;
    private static final int PLACE_SWEEPS = 80;
    /** A little less than 1, or what hangs on a wide row's end would drift away from the middle row by row. */
    private static final double TO_THE_MIDDLE = 0.93;

    /** A box, or the place where a lane passes a row. */
    static final class Item {
        final int row;
        /** The box; of a lane the box it starts from. */
        final Picture.Box box;
        final boolean lane;
        final double width;
        final List<Item> above = new ArrayList<>();
        final List<Item> below = new ArrayList<>();
        /** Centre; changes until the layout is done. */
        double x;

        private Item(int row, Picture.Box box, boolean lane, double width) {
            this.row = row;
            this.box = box;
            this.lane = lane;
            this.width = width;
        }

        double top() {
            return row * (BOX_HEIGHT + ROW_GAP);
        }

        double bottom() {
            return top() + BOX_HEIGHT;
        }
    }

    private final List<List<Item>> rows = new ArrayList<>();

    private Layout(Picture picture) {
        Map<Integer, Item> boxes = new HashMap<>();
        for (int row = 0; row < picture.rows().size(); row++) {
            List<Item> items = new ArrayList<>();
            for (Picture.Box box : picture.rows().get(row).boxes()) {
                Item item = new Item(row, box, false, width(box));
                items.add(item);
                boxes.put(box.id(), item);
            }
            rows.add(items);
        }
        Map<Integer, List<Item>> targets = new HashMap<>();
        picture.edges().forEach(edge -> targets.computeIfAbsent(edge.from(), key -> new ArrayList<>()).add(boxes.get(edge.to())));
        targets.forEach((from, to) -> connect(boxes.get(from), to));
    }

    static Layout of(Picture picture) {
        Layout layout = new Layout(picture);
        layout.order();
        layout.place();
        return layout;
    }

    private static double width(Picture.Box box) {
        double text = Math.max(TextWidth.of(box.head(), HEAD_PIXELS), TextWidth.of(box.detail(), DETAIL_PIXELS));
        return Math.min(WIDEST_TEXT, Math.max(NARROWEST_TEXT, text)) + 2 * PADDING;
    }

    /** One lane from the source down to the row before its furthest target; every target hangs on it. */
    private void connect(Item source, List<Item> targets) {
        targets.sort(Comparator.comparingInt(target -> target.row));
        Item tail = source;
        for (Item target : targets) {
            while (tail.row < target.row - 1) {
                Item lane = new Item(tail.row + 1, source.box, true, LANE_WIDTH);
                rows.get(lane.row).add(lane);
                join(tail, lane);
                tail = lane;
            }
            join(tail, target);
        }
    }

    private static void join(Item from, Item to) {
        from.below.add(to);
        to.above.add(from);
    }

    private void order() {
        rows.forEach(Layout::pack);
        for (int sweep = 0; sweep < ORDER_SWEEPS; sweep++) {
            boolean down = sweep % 2 == 0;
            for (int i = 0; i < rows.size(); i++) {
                List<Item> row = rows.get(down ? i : rows.size() - 1 - i);
                Map<Item, Double> wanted = new HashMap<>();
                row.forEach(item -> wanted.put(item, centre(down ? item.above : item.below, item.x)));
                row.sort(Comparator.comparingDouble(wanted::get));
                pack(row);
            }
        }
    }

    private static double centre(List<Item> neighbours, double otherwise) {
        return neighbours.stream().mapToDouble(neighbour -> neighbour.x).average().orElse(otherwise);
    }

    /** Side by side around 0. */
    private static void pack(List<Item> row) {
        double total = row.stream().mapToDouble(item -> item.width + BOX_GAP).sum();
        double at = -total / 2;
        for (Item item : row) {
            item.x = at + (item.width + BOX_GAP) / 2;
            at += item.width + BOX_GAP;
        }
    }

    private void place() {
        for (int sweep = 0; sweep < PLACE_SWEEPS; sweep++) {
            for (int i = 0; i < rows.size(); i++) {
                settle(rows.get(sweep % 2 == 0 ? i : rows.size() - 1 - i));
            }
        }
    }

    /**
     * Moves the items of a row as near to their neighbours as their order and widths let them. Pushing from the left and pushing
     * from the right both keep the distances, so does the mean of the two.
     */
    private static void settle(List<Item> row) {
        int count = row.size();
        double[] fromLeft = new double[count];
        double[] fromRight = new double[count];
        for (int i = 0; i < count; i++) {
            double wanted = wanted(row.get(i));
            fromLeft[i] = i == 0 ? wanted : Math.max(wanted, fromLeft[i - 1] + distance(row.get(i - 1), row.get(i)));
        }
        for (int i = count - 1; i >= 0; i--) {
            double wanted = wanted(row.get(i));
            fromRight[i] = i == count - 1 ? wanted : Math.min(wanted, fromRight[i + 1] - distance(row.get(i), row.get(i + 1)));
        }
        for (int i = 0; i < count; i++) {
            row.get(i).x = (fromLeft[i] + fromRight[i]) / 2;
        }
    }

    private static double wanted(Item item) {
        List<Item> neighbours = new ArrayList<>(item.above);
        neighbours.addAll(item.below);
        return TO_THE_MIDDLE * centre(neighbours, item.x);
    }

    private static double distance(Item left, Item right) {
        return (left.width + right.width) / 2 + BOX_GAP;
    }

    /** Items by row, from left to right. */
    List<List<Item>> rows() {
        return rows;
    }

    double left() {
        return rows.stream().flatMap(List::stream).mapToDouble(item -> item.x - item.width / 2).min().orElse(0);
    }

    double right() {
        return rows.stream().flatMap(List::stream).mapToDouble(item -> item.x + item.width / 2).max().orElse(0);
    }

    double height() {
        return rows.size() * (BOX_HEIGHT + ROW_GAP) - ROW_GAP;
    }
}
