package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.handSet;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Thresholds that others than the job publish. */
class ForeignThresholdsTest {
    private final RolloutScenario scenario = new RolloutScenario();

    @Test
    void theirThresholdsAreInForceAndTheNextEpochIsAboveTheirs() {
        scenario.rollout.onUpdate(scenario.state, BOARD, handSet(8, false), NOW);
        scenario.count(2, 2);
        scenario.measure(8, 10e6, 100);

        ThresholdUpdate update = onlyUpdate(scenario.fit());

        assertEquals(9, update.getEpoch());
        assertEquals(8, update.getPreviousEpoch());
    }

    @Test
    void aKillSwitchStopsProposalsUntilALaterUpdateLetsGo() {
        scenario.rollout.onUpdate(scenario.state, BOARD, handSet(8, true), NOW);
        scenario.measure(8, 10e6, 100);
        assertEquals(List.of(), scenario.fit());

        scenario.rollout.onUpdate(scenario.state, BOARD, handSet(9, false), NOW);
        scenario.count(2, 2);
        scenario.measure(9, 10e6, 100);
        assertEquals(10, onlyUpdate(scenario.fit()).getEpoch());
    }

    @Test
    void thresholdsOutOfRangeAreReportedAndTheirEpochIsTaken() {
        ThresholdUpdate broken = handSet(8, false);
        broken.setMinOperators(-4);

        RolloutEvent event = onlyEvent(scenario.rollout.onUpdate(scenario.state, BOARD, broken, NOW));

        assertTrue(event.getReason().contains("minOperators is -4"), event.getReason());
        scenario.smallClass();
        assertEquals(9, onlyUpdate(scenario.fit()).getEpoch());
    }
}
