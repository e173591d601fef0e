package io.parallaxfleet.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.thresholds.Updates;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BodyBranchProfilesTest {
    @TempDir
    static Path cache;

    @Test
    void thePlansOfSubGraphsAreDescribedUnderTheBranchThatHoldsThem() {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve("synthetic_greedy_loop", cache), Map.of(), cache);
        EnginePlan plan = EnginePlanner.plan(model, (graph, node) -> List.of("Gemm", "MatMul", "Sigmoid", "Tanh", "Mul", "Add", "Sub")
                .contains(node.opType()), new DelegationPolicy.Thresholds(2, 0, 1e9), 0, Execution.ONE_SESSION, 2);

        PlanProfile profile = PlanProfiles.of(Updates.DEVICE, plan, false, "1.0");

        List<BranchProfile> inside = profile.getBodyBranches();
        assertEquals(plan.bodyBranches().size(), inside.size());
        assertFalse(inside.isEmpty());
        List<String> holders = profile.getBranches().stream().map(branch -> branch.getName() + "/body/").toList();
        assertTrue(inside.stream().allMatch(branch -> holders.stream().anyMatch(branch.getName()::startsWith)), inside::toString);
        assertTrue(inside.stream().anyMatch(branch -> branch.getPlacement() == Placement.ACCELERATOR));
    }
}
