package io.parallaxfleet.check.drawing;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.branch.BranchPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Draws up the picture of a plan. */
final class PictureBuilder {
    /** Layers with more branches show the ones with most work; one box stands for the others. */
    private static final int MOST_BOXES_IN_A_ROW = 8;
    private static final int LONGEST_TIP = 40;

    private final BranchPlan plan;
    private final List<Picture.Row> rows = new ArrayList<>();
    private final int[] boxOfBranch;
    private final int[] rowOfBranch;
    private int boxes;

    private PictureBuilder(BranchPlan plan) {
        this.plan = plan;
        boxOfBranch = new int[plan.branches().size()];
        rowOfBranch = new int[plan.branches().size()];
    }

    static Picture of(BranchPlan plan) {
        PictureBuilder builder = new PictureBuilder(plan);
        RowFolding.Folding folding = RowFolding.fold(plan);
        folding.rows().forEach(builder::addRow);
        String title = plan.graph().name() + ": " + count(plan.graph().size(), "operator", "operators") + " in "
                + count(plan.branches().size(), "branch", "branches") + " and " + count(plan.layers().size(), "layer", "layers");
        List<String> notes = new ArrayList<>(List.of("policy: " + plan.partition().policy().describe()
                + " · a row is a layer, its boxes are branches that do not depend on one another"));
        if (!folding.repeats().isEmpty()) {
            notes.add("brackets: rows that repeat are drawn once, with the work of the first");
        }
        return new Picture(title, notes, builder.rows, builder.edges(), folding.repeats());
    }

    private static String count(int number, String one, String several) {
        return number + " " + (number == 1 ? one : several);
    }

    private void addRow(RowFolding.Fold fold) {
        int first = fold.layers().get(0);
        int last = fold.layers().get(fold.layers().size() - 1);
        List<List<Branch>> columns = columns(fold.layers());
        List<Picture.Box> row = new ArrayList<>();
        List<List<Integer>> sameRow = new ArrayList<>(fold.copies());
        sameRow.add(fold.layers());
        for (List<Branch> column : columns) {
            row.add(box(column));
        }
        for (List<Integer> layers : sameRow) {
            List<List<Branch>> placed = columns(layers);
            for (int column = 0; column < placed.size(); column++) {
                for (Branch branch : placed.get(column)) {
                    boxOfBranch[branch.index()] = row.get(column).id();
                    rowOfBranch[branch.index()] = rows.size();
                }
            }
        }
        rows.add(new Picture.Row((rows.isEmpty() ? "layer " : "") + (first == last ? first : first + "-" + last), row));
    }

    /** The branches of a row by box; the number of boxes only depends on how many branches there are. */
    private List<List<Branch>> columns(List<Integer> layers) {
        List<Branch> branches = new ArrayList<>();
        layers.forEach(layer -> plan.layers().get(layer).branches().forEach(branch -> branches.add(plan.branches().get(branch))));
        List<List<Branch>> columns = new ArrayList<>();
        if (layers.size() > 1) {
            columns.add(branches);
            return columns;
        }
        if (branches.size() <= MOST_BOXES_IN_A_ROW) {
            branches.forEach(branch -> columns.add(List.of(branch)));
            return columns;
        }
        List<Branch> bySize = branches.stream().sorted(Comparator.comparingLong(Branch::macs).reversed()).toList();
        Set<Branch> shown = new LinkedHashSet<>(bySize.subList(0, MOST_BOXES_IN_A_ROW - 1));
        branches.stream().filter(shown::contains).forEach(branch -> columns.add(List.of(branch)));
        columns.add(branches.stream().filter(branch -> !shown.contains(branch)).toList());
        return columns;
    }

    private Picture.Box box(List<Branch> branches) {
        Branch first = branches.get(0);
        Picture.Kind kind = branches.stream().map(branch -> RowFolding.kind(plan, branch)).max(Comparator.naturalOrder()).orElseThrow();
        int operators = branches.stream().mapToInt(Branch::operators).sum();
        long macs = branches.stream().mapToLong(Branch::macs).sum();
        List<String> types = branches.stream().flatMap(branch -> RowFolding.types(plan, branch).stream()).toList();
        String head = first.region().isPresent() && branches.size() == 1
                ? "region " + first.region().get().index()
                : branches.size() > 1 && first.layer() == branches.get(1).layer()
                        ? "+ " + branches.size() + " branches"
                        : summary(types);
        String detail = (operators == 1 ? "1 op" : operators + " ops") + (macs == 0 ? "" : " · " + macs(macs));
        return new Picture.Box(boxes++, kind, head, detail, tip(branches, types));
    }

    /** Operator types by how often they occur, the commonest first. */
    private static Map<String, Long> census(List<String> types) {
        Map<String, Long> counts = types.stream().collect(Collectors.groupingBy(type -> type, LinkedHashMap::new, Collectors.counting()));
        Map<String, Long> sorted = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    private static String summary(List<String> types) {
        // A short chain is read in order, a long one by what it is mostly made of.
        return (types.size() <= 4 ? runs(types) : census(types).entrySet().stream().toList()).stream()
                .map(PictureBuilder::counted).collect(Collectors.joining(", "));
    }

    private static List<Map.Entry<String, Long>> runs(List<String> types) {
        List<Map.Entry<String, Long>> runs = new ArrayList<>();
        for (String type : types) {
            int last = runs.size() - 1;
            if (last >= 0 && runs.get(last).getKey().equals(type)) {
                runs.set(last, Map.entry(type, runs.get(last).getValue() + 1));
            } else {
                runs.add(Map.entry(type, 1L));
            }
        }
        return runs;
    }

    private static String counted(Map.Entry<String, Long> entry) {
        return entry.getValue() == 1 ? entry.getKey() : entry.getValue() + " " + entry.getKey();
    }

    private String tip(List<Branch> branches, List<String> types) {
        String names = branches.stream().flatMap(branch -> branch.nodes().stream()).limit(LONGEST_TIP)
                .map(node -> plan.graph().node(node).name()).collect(Collectors.joining("\n"));
        String more = types.size() > LONGEST_TIP ? "\nand " + (types.size() - LONGEST_TIP) + " more" : "";
        return branches.stream().limit(LONGEST_TIP).map(Branch::name).collect(Collectors.joining(", ")) + ": "
                + census(types).entrySet().stream().map(PictureBuilder::counted).collect(Collectors.joining(", ")) + "\n" + names + more;
    }

    static String macs(long macs) {
        double value = macs;
        String[] units = {" MAC", " kMAC", " MMAC", " GMAC", " TMAC"};
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, value >= 100 || unit == 0 ? "%.0f" : "%.1f", value) + units[unit];
    }

    private List<Picture.Edge> edges() {
        Set<Picture.Edge> edges = new LinkedHashSet<>();
        for (Branch branch : plan.branches()) {
            for (int before : branch.predecessors()) {
                // An edge from a copy back to the sequence it copies is what the bracket says.
                if (rowOfBranch[before] < rowOfBranch[branch.index()]) {
                    edges.add(new Picture.Edge(boxOfBranch[before], boxOfBranch[branch.index()]));
                }
            }
        }
        return List.copyOf(edges);
    }
}
