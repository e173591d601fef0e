package io.parallaxfleet.check.drawing;

import io.parallaxfleet.branch.BranchPlan;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Draws plans: layers as rows, branches side by side, delegated regions in their own colour. Deep plans are folded: what repeats
 * is drawn once. Equal plans give equal drawings.
 */
public final class PlanDrawing {
    private PlanDrawing() {}

    /** One SVG document that needs nothing else, readable on light and dark pages. */
    public static String svg(BranchPlan plan) {
        return svg(List.of(plan));
    }

    /** The same of several plans, one below the other: of a model, and of its sub-graphs. */
    public static String svg(List<BranchPlan> plans) {
        return SvgWriter.write(plans.stream().map(PictureBuilder::of).toList());
    }

    /** The same picture for Graphviz. */
    public static String dot(BranchPlan plan) {
        return dot(List.of(plan));
    }

    /** The same of several plans, a graph each. */
    public static String dot(List<BranchPlan> plans) {
        return plans.stream().map(PictureBuilder::of).map(DotWriter::write).collect(Collectors.joining());
    }
}
