package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Execution;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.List;

/** Plans to test with. */
public final class Plans {
    private Plans() {}

    /** A CPU branch and a delegated one of class {@code board}, as {@link io.parallaxfleet.operators.decode.Telemetry} reports. */
    public static PlanProfile ofTwoBranches(String planId) {
        return plan(planId, "hash", 3, false, List.of(new RegionProfile(4, 2_000_000L, 3000L, true, "kept")));
    }

    public static PlanPolicy thresholds(int minOperators, long minMacs, double maxBytesPerMac) {
        return new PlanPolicy(DelegationMode.THRESHOLDS, minOperators, minMacs, maxBytesPerMac);
    }

    public static PlanProfile plan(String planId, String modelHash, long epoch, boolean explored, List<RegionProfile> regions) {
        return PlanProfile.newBuilder()
                .setPlanId(planId)
                .setDeviceClass("board")
                .setSimulated(false)
                .setModel("model")
                .setModelHash(modelHash)
                .setShapeKey("input:1x3")
                .setPolicyEpoch(epoch)
                .setExplored(explored)
                .setEngineVersion("test")
                .setExecution(Execution.HETEROGENEOUS)
                .setOperators(9)
                .setMacs(3_000_000)
                .setLayers(2)
                .setParallelLayers(0)
                .setMaxBranchesInLayer(1)
                .setArenaBytes(1500)
                .setRegions(regions)
                .setBranches(List.of(
                        new BranchProfile("L0.B0", 0, Placement.CPU, null, 5, 1_000_000L, 2000L, 500L, "no candidate"),
                        new BranchProfile("L1.B0", 1, Placement.ACCELERATOR, 0, 4, 2_000_000L, 3000L, 1000L, "kept")))
                .build();
    }
}
