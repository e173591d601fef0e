package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RegionProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
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

    @Test
    void whatAClassRanLongAgoFades() {
        workload.addPlan(Plans.plan("old", "model-a", 0, false, List.of(ONE)));
        workload.addPlan(Plans.plan("new", "model-b", 0, false, List.of(TWO)));
        run("old", 10 * Workload.MEMORY);
        run("new", 2 * Workload.MEMORY);

        assertTrue(share(TWO) > 0.7, () -> "share " + share(TWO));
    }

    @Nested
    class TheIncumbent {
        private static final PlanPolicy EAGER = Plans.thresholds(1, 1, 1e6);

        @Test
        void isUnknownUntilAnInferenceOfAnOwnPlanIs() {
            workload.addPlan(Plans.plan("tried", "model", 0, true, List.of(ONE)));
            run("tried", 5);

            assertEquals(Optional.empty(), workload.incumbent());
        }

        @Test
        void isTheRuleThatThePlansSay() {
            own("plan", 0, EAGER, ONE, TWO);
            run("plan", 5);

            Incumbent incumbent = workload.incumbent().orElseThrow();
            assertEquals(0, incumbent.epoch());
            assertEquals(EAGER, incumbent.policy());
            assertEquals(Map.of(shape(ONE), 1.0, shape(TWO), 0.0), incumbent.delegatedShare());
        }

        @Test
        void isTheRuleOfMostInferencesWhereDevicesDifferAndKnowsTheShareOfEachRegion() {
            RegionProfile pruned = new RegionProfile(ONE.getOperators(), ONE.getMacs(), ONE.getBoundaryBytes(), false, "pruned");
            own("delegating", 0, EAGER, ONE);
            own("sparing", 0, Plans.thresholds(3, 1_000_000_000L, 0.1), pruned);
            run("delegating", 30);
            run("sparing", 10);

            Incumbent incumbent = workload.incumbent().orElseThrow();
            assertEquals(EAGER, incumbent.policy());
            assertEquals(0.75, incumbent.delegatedShare().get(shape(ONE)), 1e-12);
        }

        @Test
        void isOfTheEpochThatMostInferencesRanUnder() {
            own("left-over", 0, EAGER, ONE);
            own("usual", 17, Plans.thresholds(2, 5, 1), TWO);
            run("left-over", 10);
            run("usual", 30);

            Incumbent incumbent = workload.incumbent().orElseThrow();
            assertEquals(17, incumbent.epoch());
            assertEquals(Map.of(shape(TWO), 0.0), incumbent.delegatedShare());
        }

        @Test
        void hasNoRuleWhereNoPlanSaysOne() {
            own("plan", 0, null, ONE);
            run("plan", 5);

            assertNull(workload.incumbent().orElseThrow().policy());
        }

        private void own(String planId, long epoch, PlanPolicy policy, RegionProfile... regions) {
            PlanProfile plan = Plans.plan(planId, "model", epoch, false, List.of(regions));
            plan.setPolicy(policy);
            workload.addPlan(plan);
        }

        private static RegionShape shape(RegionProfile region) {
            return new RegionShape(region.getOperators(), region.getMacs(), region.getBoundaryBytes());
        }
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
