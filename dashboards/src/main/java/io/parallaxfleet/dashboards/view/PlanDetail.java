package io.parallaxfleet.dashboards.view;

import java.util.List;

/** A plan with its candidate regions and its branches, and what the branches were last measured to cost. Immutable. */
public record PlanDetail(FleetSnapshot.PlanState plan, List<Region> regions, List<Branch> branches, int branchesLeftOut) {

    /** A candidate delegate region: N, F, B, and why it was kept or pruned. */
    public record Region(int operators, long macs, long boundaryBytes, boolean delegated, String reason) {}

    /** One branch; {@code measured} is null until a window of it has been aggregated. */
    public record Branch(
            String name,
            int layer,
            String placement,
            int operators,
            long macs,
            long boundaryBytes,
            long arenaBytes,
            String reason,
            Measured measured) {}

    /**
     * The newest window of a branch.
     *
     * @param share its p50 over the sum of the p50 of all measured branches of the plan, in [0,1]; branches that run side by
     *     side make this a share of work, not of wall time
     * @param fallbacks samples that did not run where they were planned
     */
    public record Measured(
            double p50Nanos, double p90Nanos, double share, long samples, long fallbacks, Double energyMicrojoules, long endMillis) {}
}
