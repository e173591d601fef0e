package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadTest {
    private static final RegionProfile ONE = new RegionProfile(3, 100L, 10L, true, "kept");
    private static final RegionProfile TWO = new RegionProfile(5, 900L, 20L, false, "pruned");

    private final Workload workload = new Workload();

    @Test
    void regionsAreWeighedByTheInferencesThatMeetThem() {
        workload.addPlan(Plans.plan("a", "model-a", 0, false, List.of(ONE)));
        workload.addPlan(Plans.plan("b", "model-b", 0, false, List.of(TWO, TWO)));
        run("a", 30);
        run("b", 10);

        assertEquals(0.75, share(ONE), 1e-12);
        assertEquals(0.5, share(TWO), 1e-12);
    }

    @Test
    void plansOfOneModelAddUpOverItsNewestOwnCandidates() {
        workload.addPlan(Plans.plan("old", "model", 0, false, List.of(ONE)));
        workload.addPlan(Plans.plan("new", "model", 1, false, List.of(TWO)));
        workload.addPlan(Plans.plan("tried", "model", 1, true, List.of(ONE)));
        run("old", 10);
        run("new", 10);
        run("tried", 10);

        assertEquals(1, workload.regions().size());
        assertEquals(1.0, share(TWO), 1e-12);
    }

    @Test
    void aPlanThatListsNoCandidateDoesNotHideThoseOfAnother() {
        workload.addPlan(Plans.plan("with", "model", 0, false, List.of(ONE)));
        workload.addPlan(Plans.plan("without", "model", 5, false, List.of()));
        run("with", 1);
        run("without", 9);

        assertEquals(1.0, share(ONE), 1e-12);
    }

    @Test
    void inferencesWhosePlanIsNotKnownYetCountOnceItIs() {
        run("a", 4);
        assertTrue(workload.regions().isEmpty());

        workload.addPlan(Plans.plan("a", "model-a", 0, false, List.of(ONE)));

        assertEquals(1.0, share(ONE), 1e-12);
    }

    @Test
    void rememberedPlansAreBounded() {
        for (int i = 0; i < 2 * Workload.MAX_PLANS; i++) {
            workload.addPlan(Plans.plan("plan-" + i, "model", i, false, List.of(ONE)));
            run("plan-" + i, 1);
        }

        assertEquals(Workload.MAX_PLANS, workload.candidatesByPlan.size());
        assertEquals(Workload.MAX_PLANS, workload.inferencesByPlan.size());
    }

    private void run(String planId, int times) {
        for (int i = 0; i < times; i++) {
            workload.addInference(planId);
        }
    }

    private double share(RegionProfile region) {
        return workload.regions().stream()
                .filter(r -> r.shape().macs() == region.getMacs())
                .mapToDouble(WorkloadRegion::perInference)
                .sum();
    }
}
