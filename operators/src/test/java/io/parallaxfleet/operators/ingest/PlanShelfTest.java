package io.parallaxfleet.operators.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.fit.Plans;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PlanShelfTest {
    private final PlanShelf shelf = new PlanShelf(3, 5);

    @Test
    void keepsEveryPlanWhileThereIsRoom() {
        assertEquals(List.of(), shelf.put(plan("a", "phone", 1, false)));
        assertEquals(List.of(), shelf.put(plan("b", "phone", 1, true)));
        assertEquals(2, shelf.size());
    }

    @Test
    void forgetsWhatExplorationTriedBeforeWhatAPolicyAsksFor() {
        shelf.put(plan("policy", "phone", 1, false));
        shelf.put(plan("explored", "phone", 9, true));
        shelf.put(plan("next policy", "phone", 2, false));

        assertEquals(List.of("explored"), shelf.put(plan("newest policy", "phone", 3, false)));
    }

    @Test
    void forgetsOldEpochsBeforeNewOnes() {
        shelf.put(plan("new", "phone", 8, false));
        shelf.put(plan("old", "phone", 2, false));
        shelf.put(plan("newer", "phone", 9, false));

        assertEquals(List.of("old"), shelf.put(plan("newest", "phone", 10, false)));
    }

    @Test
    void aClassThatPublishesWithoutEndOnlyLosesItsOwn() {
        shelf.put(plan("other's", "board", 0, true));
        for (int i = 0; i < 100; i++) {
            List<String> forgotten = shelf.put(plan("p" + i, "phone", i, true));
            assertEquals(i < 3 ? List.of() : List.of("p" + (i - 3)), forgotten);
        }
        assertEquals(4, shelf.size());
    }

    @Test
    void isBoundedHoweverManyClassesAreMadeUp() {
        for (int i = 0; i < 1_000; i++) {
            shelf.put(plan("p" + i, "class-" + i, 0, false));
        }
        assertEquals(5, shelf.size());
    }

    @Test
    void aPlanThatIsPublishedAgainTakesNoSecondPlace() {
        shelf.put(plan("a", "phone", 1, false));
        shelf.put(plan("a", "phone", 2, true));

        assertEquals(1, shelf.size());
    }

    @Test
    void whatIsKeptDoesNotDependOnTheOrderInWhichAnInstanceLearntOfIt() {
        List<PlanProfile> plans = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            plans.add(plan("p" + i, "phone", i % 7, i % 3 == 0));
        }
        TreeSet<String> kept = keptOf(plans);
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(plans, new Random(seed));
            assertEquals(kept, keptOf(plans));
        }
    }

    private static TreeSet<String> keptOf(List<PlanProfile> plans) {
        PlanShelf shelf = new PlanShelf(3, 5);
        TreeSet<String> kept = new TreeSet<>();
        plans.forEach(plan -> {
            kept.add(plan.getPlanId());
            kept.removeAll(shelf.put(plan));
        });
        return kept;
    }

    private static PlanProfile plan(String id, String deviceClass, long epoch, boolean explored) {
        PlanProfile plan = Plans.ofTwoBranches(id);
        plan.setDeviceClass(deviceClass);
        plan.setPolicyEpoch(epoch);
        plan.setExplored(explored);
        return plan;
    }
}
