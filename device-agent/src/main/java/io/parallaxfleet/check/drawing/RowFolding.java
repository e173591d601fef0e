package io.parallaxfleet.check.drawing;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides which layers share a row, so that a deep plan stays readable: sequences of layers that repeat are drawn once, and
 * where that does not do, layers of one branch that follow one another are drawn as one box. Nothing is left out: every layer
 * belongs to a row.
 */
final class RowFolding {
    /** Up to here every layer gets its own row. */
    private static final int MOST_PLAIN_ROWS = 24;
    private static final int LONGEST_PERIOD = 60;

    private final BranchPlan plan;

    /**
     * One row.
     *
     * @param layers the layers drawn in it; of repeated ones the first sequence
     * @param copies for each further sequence the layers that this row stands for
     */
    record Fold(List<Integer> layers, List<List<Integer>> copies) {
        Fold {
            layers = List.copyOf(layers);
            copies = List.copyOf(copies);
        }
    }

    /**
     * @param rows every layer is in exactly one, drawn or as a copy
     * @param repeats which rows repeat
     */
    record Folding(List<Fold> rows, List<Picture.Repeat> repeats) {}

    private RowFolding(BranchPlan plan) {
        this.plan = plan;
    }

    static Folding fold(BranchPlan plan) {
        return new RowFolding(plan).fold();
    }

    private Folding fold() {
        List<List<Integer>> groups = new ArrayList<>();
        for (int layer = 0; layer < plan.layers().size(); layer++) {
            groups.add(List.of(layer));
        }
        if (groups.size() <= MOST_PLAIN_ROWS) {
            return repeated(groups, false);
        }
        Folding folding = repeated(groups, true);
        return folding.rows().size() <= MOST_PLAIN_ROWS ? folding : repeated(joinSeries(groups), true);
    }

    /** Neighbouring layers of one CPU branch each become one group. */
    private List<List<Integer>> joinSeries(List<List<Integer>> layers) {
        List<List<Integer>> joined = new ArrayList<>();
        for (List<Integer> layer : layers) {
            List<Integer> last = joined.isEmpty() ? List.of() : joined.get(joined.size() - 1);
            if (!last.isEmpty() && isPlain(last.get(last.size() - 1)) && isPlain(layer.get(0))) {
                last.addAll(layer);
            } else {
                joined.add(new ArrayList<>(layer));
            }
        }
        return joined;
    }

    private boolean isPlain(int layer) {
        List<Integer> branches = plan.layers().get(layer).branches();
        return branches.size() == 1 && kind(plan, plan.branches().get(branches.get(0))) == Picture.Kind.CPU;
    }

    private Folding repeated(List<List<Integer>> groups, boolean search) {
        List<String> signatures = groups.stream().map(this::signature).toList();
        List<Fold> rows = new ArrayList<>();
        List<Picture.Repeat> repeats = new ArrayList<>();
        for (int at = 0; at < groups.size(); ) {
            int period = 1;
            int times = 1;
            for (int tried = 1; search && tried <= LONGEST_PERIOD && at + 2 * tried <= groups.size(); tried++) {
                int found = timesRepeated(signatures, at, tried);
                if ((found - 1) * tried > (times - 1) * period) {
                    period = tried;
                    times = found;
                }
            }
            if (times > 1) {
                repeats.add(new Picture.Repeat(rows.size(), rows.size() + period - 1, times));
            }
            for (int offset = 0; offset < period; offset++) {
                List<List<Integer>> copies = new ArrayList<>();
                for (int copy = 1; copy < times; copy++) {
                    copies.add(groups.get(at + copy * period + offset));
                }
                rows.add(new Fold(groups.get(at + offset), copies));
            }
            at += period * times;
        }
        return new Folding(rows, repeats);
    }

    private static int timesRepeated(List<String> signatures, int from, int period) {
        int times = 1;
        while (from + (times + 1) * period <= signatures.size()
                && signatures.subList(from, from + period)
                        .equals(signatures.subList(from + times * period, from + (times + 1) * period))) {
            times++;
        }
        return times;
    }

    /** What a reader would see of the layers: placements and operator types, in order. */
    private String signature(List<Integer> group) {
        StringBuilder text = new StringBuilder();
        for (int index : group) {
            Layer layer = plan.layers().get(index);
            text.append('|').append(layer.parallel());
            for (int branch : layer.branches()) {
                text.append(';').append(kind(plan, plan.branches().get(branch))).append(types(plan, plan.branches().get(branch)));
            }
        }
        return text.toString();
    }

    static List<String> types(BranchPlan plan, Branch branch) {
        return branch.nodes().stream().map(node -> plan.graph().node(node).opType()).toList();
    }

    static Picture.Kind kind(BranchPlan plan, Branch branch) {
        if (branch.region().isPresent()) {
            return Picture.Kind.ACCELERATOR;
        }
        if (branch.nodes().stream().anyMatch(node -> plan.graph().node(node).controlFlow())) {
            return Picture.Kind.CONTROL_FLOW;
        }
        return plan.layers().get(branch.layer()).parallel() ? Picture.Kind.PARALLEL : Picture.Kind.CPU;
    }
}
