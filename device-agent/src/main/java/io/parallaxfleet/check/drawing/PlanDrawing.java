package io.parallaxfleet.check.drawing;

import io.parallaxfleet.branch.BranchPlan;

/**
 * Draws plans: layers as rows, branches side by side, delegated regions in their own colour. Deep plans are folded: what repeats
 * is drawn once. Equal plans give equal drawings.
 */
public final class PlanDrawing {
    private PlanDrawing() {}

    /** One SVG document that needs nothing else, readable on light and dark pages. */
    public static String svg(BranchPlan plan) {
        return SvgWriter.write(PictureBuilder.of(plan));
    }

    /** The same picture for Graphviz. */
    public static String dot(BranchPlan plan) {
        return DotWriter.write(PictureBuilder.of(plan));
    }
}
