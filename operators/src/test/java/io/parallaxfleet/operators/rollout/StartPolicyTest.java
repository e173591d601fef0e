package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.REGION;
import static io.parallaxfleet.operators.rollout.RolloutScenario.handSet;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Classes whose devices run what no update describes. */
class StartPolicyTest {
    private final RolloutScenario scenario = new RolloutScenario();

    private static final PlanPolicy EAGER = new PlanPolicy(DelegationMode.THRESHOLDS, 1, 100_000L, 1e6);

    @Test
    void aRuleThatDecidesAsTheirPlansDoIsNotProposed() {
        scenario.smallClass();
        PlanPolicy never = new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0);

        RolloutEvent event = onlyEvent(scenario.fit(new Incumbent(0, never, Map.of(REGION, 0.0))));

        assertTrue(event.getReason().contains("as the one in force, never delegate"), event.getReason());
    }

    @Test
    void whereOnlySomeDelegateARuleForAllIsProposed() {
        scenario.smallClass();

        ThresholdUpdate update = onlyUpdate(scenario.fit(new Incumbent(0, EAGER, Map.of(REGION, 0.3))));

        assertEquals(DelegationMode.NEVER, update.getMode());
        assertTrue(update.getReason().contains("instead of N >= 1, F >= 1.00e+05"), update.getReason());
    }

    @Test
    void aRollbackBringsBackTheThresholdsTheyStartedWith() {
        scenario.smallClass();
        scenario.fit(new Incumbent(0, EAGER, Map.of(REGION, 1.0)));
        scenario.ack("device-1", 1, AckOutcome.APPLIED);

        ThresholdUpdate update = onlyUpdate(scenario.measure(1, 13e6, 100));

        assertEquals(1, update.getMinOperators());
        assertEquals(100_000, update.getMinMacs());
    }

    @Test
    void anEpochOfAnEarlierFleetIsTakenAsTheOneInForce() {
        scenario.count(2, 2);
        scenario.fit(new Incumbent(17, EAGER, Map.of(REGION, 1.0)));
        scenario.measure(17, 10e6, 100);

        ThresholdUpdate update = onlyUpdate(scenario.fit(new Incumbent(17, EAGER, Map.of(REGION, 1.0))));

        assertEquals(17, update.getPreviousEpoch());
        assertEquals(18, update.getEpoch());
    }

    @Test
    void aPublishedRuleIsNotOverruledByPlansFromBefore() {
        scenario.rollout.onUpdate(scenario.state, BOARD, handSet(8, false), NOW);

        scenario.fit(new Incumbent(0, EAGER, Map.of(REGION, 1.0)));

        assertEquals(8, scenario.state.inForce.epoch());
    }
}
