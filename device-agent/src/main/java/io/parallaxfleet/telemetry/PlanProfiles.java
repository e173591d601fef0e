package io.parallaxfleet.telemetry;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Execution;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import io.parallaxfleet.thresholds.DeviceIdentity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns engine plans into the profiles that explain telemetry. */
public final class PlanProfiles {
    private PlanProfiles() {}

    /**
     * The plan's id in the fleet: the engine's id and the class's hash. Plans are a compacted topic over all classes, and two
     * classes, a simulated and a real one at worst, may run equal plans.
     */
    public static String planId(DeviceIdentity device, EnginePlan plan) {
        return plan.id() + "-" + Integer.toHexString(device.deviceClass().hashCode());
    }

    /** The planned bytes of the one-session baseline; null where unknown, as the schema wants it. */
    static Long baseline(EnginePlan plan) {
        return plan.oneSessionArenaBytes() > 0 ? plan.oneSessionArenaBytes() : null;
    }

    /** Regions the plan delegates. */
    public static int delegatedRegions(EnginePlan plan) {
        return (int) plan.delegatedRegions();
    }

    // Null where the rule has no form in the schema.
    private static PlanPolicy policy(DelegationPolicy policy) {
        if (policy instanceof DelegationPolicy.Thresholds thresholds) {
            return new PlanPolicy(DelegationMode.THRESHOLDS, thresholds.minOperators(), thresholds.minMacs(), thresholds.maxBytesPerMac());
        }
        return policy instanceof DelegationPolicy.Never ? new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0) : null;
    }

    /** The profile of a plan; branches in step order, which is how telemetry names them. */
    public static PlanProfile of(DeviceIdentity device, EnginePlan plan, boolean explored, String engineVersion) {
        List<Verdict> verdicts = plan.branches().partition().verdicts();
        Map<List<Integer>, Integer> regionByNodes = new HashMap<>();
        List<RegionProfile> regions = new ArrayList<>();
        for (Verdict verdict : verdicts) {
            Region region = verdict.region();
            regionByNodes.put(region.nodes(), regions.size());
            regions.add(RegionProfile.newBuilder()
                    .setOperators(region.operators())
                    .setMacs(region.macs())
                    .setBoundaryBytes(region.boundaryBytes())
                    .setDelegated(verdict instanceof Verdict.Kept)
                    .setReason(verdict.reason())
                    .build());
        }
        List<BranchProfile> branches = new ArrayList<>();
        for (PlanStep step : plan.steps()) {
            branches.add(branch(step.name(), step, step.region().map(region -> regionByNodes.get(region.nodes())).orElse(null)));
        }
        return PlanProfile.newBuilder()
                .setPlanId(planId(device, plan))
                .setDeviceClass(device.deviceClass())
                .setSimulated(device.simulated())
                .setModel(plan.model())
                .setModelHash(plan.modelHash())
                .setShapeKey(plan.shapeKey())
                .setPolicyEpoch(plan.policyEpoch())
                .setExplored(explored)
                .setPolicy(explored ? null : policy(plan.branches().partition().policy()))
                .setEngineVersion(engineVersion)
                .setExecution(switch (plan.execution()) {
                    // One session as well; its plan's id tells it from the other.
                    case ONE_SESSION, REWRITTEN -> Execution.ONE_SESSION;
                    case SPLIT -> Execution.SPLIT;
                    case HETEROGENEOUS -> Execution.HETEROGENEOUS;
                })
                .setOperators(plan.branches().graph().size())
                .setMacs(plan.branches().graph().totalMacs())
                .setLayers(plan.branches().layers().size())
                .setParallelLayers((int) plan.branches().parallelLayers())
                .setMaxBranchesInLayer(plan.branches().maxBranchesInLayer())
                .setArenaBytes(plan.arenaBytes())
                .setOneSessionArenaBytes(baseline(plan))
                .setRegions(regions)
                .setBranches(branches)
                // The regions of a sub-graph are not among the plan's: what there is to say of one is in its branch.
                .setBodyBranches(plan.bodyBranches().stream().map(inside -> branch(inside.name(), inside.step(), null)).toList())
                .build();
    }

    private static BranchProfile branch(String name, PlanStep step, Integer region) {
        return BranchProfile.newBuilder()
                .setName(name)
                .setLayer(step.layer())
                .setPlacement(switch (step.placement()) {
                    case CPU -> Placement.CPU;
                    case ACCELERATOR -> Placement.ACCELERATOR;
                })
                .setRegion(region)
                .setOperators(step.nodes().size())
                .setMacs(step.macs())
                .setBoundaryBytes(step.boundaryBytes())
                .setArenaBytes(step.arenaBytes())
                .setReason(step.reason())
                .build();
    }
}
