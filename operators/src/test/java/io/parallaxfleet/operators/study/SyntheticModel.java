package io.parallaxfleet.operators.study;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Execution;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.ArrayList;
import java.util.List;

/**
 * A model of a synthetic class: candidate regions, and one CPU branch of what no accelerator can run.
 *
 * @param cpuFactor what its regions take on the CPU over what the class's cost model says; 1 for a model that fits it
 * @param acceleratorFactor the same on the accelerator
 */
record SyntheticModel(String name, List<RegionShape> regions, RegionShape leftOver, double cpuFactor, double acceleratorFactor) {
    SyntheticModel {
        regions = List.copyOf(regions);
    }

    /** A model that costs what its class's cost model says, a fifth of it fit for no accelerator. */
    static SyntheticModel asItsClass(String name, List<RegionShape> regions) {
        return differing(name, regions, 1, 1);
    }

    static SyntheticModel differing(String name, List<RegionShape> regions, double cpuFactor, double acceleratorFactor) {
        long macs = regions.stream().mapToLong(RegionShape::macs).sum();
        return new SyntheticModel(name, regions, new RegionShape(20, macs / 4, 1000), cpuFactor, acceleratorFactor);
    }

    /** What a branch of one of its plans takes on average. */
    double seconds(BranchProfile branch, CostModel truth) {
        RegionShape shape = new RegionShape(branch.getOperators(), branch.getMacs(), branch.getBoundaryBytes());
        return branch.getPlacement() == Placement.ACCELERATOR
                ? acceleratorFactor * truth.acceleratorSeconds(shape)
                : cpuFactor * truth.cpuSeconds(shape);
    }

    private double seconds(RegionShape region, boolean delegated, CostModel truth) {
        return delegated ? acceleratorFactor * truth.acceleratorSeconds(region) : cpuFactor * truth.cpuSeconds(region);
    }

    /** What an inference takes whose regions go where the rule says. */
    double seconds(DelegationRule rule, CostModel truth) {
        return cpuFactor * truth.cpuSeconds(leftOver)
                + regions.stream().mapToDouble(region -> seconds(region, rule.delegates(region), truth)).sum();
    }

    /** What an inference takes whose regions are each where they cost least. */
    double leastSeconds(CostModel truth) {
        return cpuFactor * truth.cpuSeconds(leftOver) + regions.stream()
                .mapToDouble(region -> Math.min(seconds(region, true, truth), seconds(region, false, truth))).sum();
    }

    PlanProfile plan(DelegationRule rule) {
        return plan(name + " by rule", regions, regions.stream().filter(rule::delegates).toList(), rule);
    }

    /** A plan that delegates exactly this, which need not be whole regions. */
    PlanProfile exploredPlan(List<RegionShape> delegated) {
        return plan(name + " explored " + delegated, delegated, delegated, null);
    }

    private PlanProfile plan(String planId, List<RegionShape> candidates, List<RegionShape> delegated, DelegationRule rule) {
        long macsLeft = leftOver.macs() + regions.stream().mapToLong(RegionShape::macs).sum()
                - delegated.stream().mapToLong(RegionShape::macs).sum();
        List<BranchProfile> branches = new ArrayList<>();
        branches.add(new BranchProfile("L0.B0", 0, Placement.CPU, null, leftOver.operators(), macsLeft, leftOver.boundaryBytes(),
                0L, "rest"));
        for (int i = 0; i < delegated.size(); i++) {
            RegionShape region = delegated.get(i);
            branches.add(new BranchProfile("L" + (i + 1) + ".B0", i + 1, Placement.ACCELERATOR, i, region.operators(), region.macs(),
                    region.boundaryBytes(), 0L, "kept"));
        }
        return PlanProfile.newBuilder()
                .setPlanId(planId)
                .setDeviceClass("board")
                .setSimulated(false)
                .setModel(name)
                .setModelHash(name)
                .setShapeKey("input:1x3")
                .setPolicyEpoch(0)
                .setExplored(rule == null)
                .setPolicy(rule instanceof DelegationRule.Thresholds t
                        ? new PlanPolicy(DelegationMode.THRESHOLDS, t.minOperators(), t.minMacs(), t.maxBytesPerMac())
                        : null)
                .setEngineVersion("synthetic")
                .setExecution(delegated.isEmpty() ? Execution.ONE_SESSION : Execution.HETEROGENEOUS)
                .setOperators(9)
                .setMacs(macsLeft)
                .setLayers(branches.size())
                .setParallelLayers(0)
                .setMaxBranchesInLayer(1)
                .setArenaBytes(1)
                .setRegions(candidates.stream().map(region -> new RegionProfile(region.operators(), region.macs(),
                        region.boundaryBytes(), delegated.contains(region), "synthetic")).toList())
                .setBranches(branches)
                .build();
    }

    static byte[] placements(PlanProfile plan) {
        byte[] placements = new byte[plan.getBranches().size()];
        for (int i = 0; i < placements.length; i++) {
            placements[i] = (byte) (plan.getBranches().get(i).getPlacement() == Placement.ACCELERATOR ? 2 : 1);
        }
        return placements;
    }
}
