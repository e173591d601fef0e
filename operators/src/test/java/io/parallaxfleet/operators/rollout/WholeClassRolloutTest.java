package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.rollout.staged.GroupLook;
import io.parallaxfleet.operators.rollout.staged.Looks;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A small class under new thresholds. */
class WholeClassRolloutTest {
    private final RolloutScenario scenario = new RolloutScenario();

    @Test
    void nothingIsDecidedBeforeADeviceAcknowledges() {
        scenario.proposeToAll();

        List<Emission> emissions = scenario.measure(1, 7e6, 100);

        assertEquals(RolloutDecision.HOLD, onlyEvent(emissions).getDecision());
    }

    @Test
    void nothingIsDecidedWithoutSamplesUnderIt() {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);

        assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.measure(1, 7e6, 10)).getDecision());
    }

    @Test
    void fasterIsCompletedWithBothMediansAndTheirSamples() {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);
        scenario.ack("device-2", 1, AckOutcome.APPLIED);

        RolloutEvent event = onlyEvent(scenario.measure(1, 7e6, 60));

        assertEquals(RolloutDecision.COMPLETE, event.getDecision());
        assertEquals(10e6, event.getBeforeP50Nanos(), 0.5e6);
        assertEquals(7e6, event.getAfterP50Nanos(), 0.5e6);
        assertEquals(100, event.getBeforeSamples());
        assertEquals(60, event.getAfterSamples());
        assertEquals(2, event.getDevicesAcknowledged());
    }

    @Test
    void slowerIsTakenBackUnderAHigherEpochWithTheOldThresholds() {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);

        List<Emission> emissions = scenario.measure(1, 13e6, 100);

        ThresholdUpdate update = onlyUpdate(emissions);
        assertEquals(RolloutDecision.ROLLBACK, onlyEvent(emissions).getDecision());
        assertEquals(2, update.getEpoch());
        assertEquals(1, update.getPreviousEpoch());
        assertEquals(DelegationMode.THRESHOLDS, update.getMode());
        assertEquals(1_000_000_000L, update.getMinMacs());
        assertEquals(RolloutStage.ROLLED_BACK, update.getStage());
    }

    @Test
    void whatWasTakenBackIsNotProposedAgain() {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.APPLIED);
        scenario.measure(1, 13e6, 100);

        assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.fit()).getDecision());
    }

    @Test
    void noSecondProposalIsMadeUntilItIsDecided() {
        scenario.proposeToAll();

        assertEquals(List.of(), scenario.fit());
    }

    @Test
    void theOwnUpdateReadBackChangesNothing() {
        ThresholdUpdate update = scenario.proposeToAll();

        assertEquals(List.of(), scenario.rollout.onUpdate(scenario.state, BOARD, update, NOW));
        assertTrue(scenario.state.measuring());
    }

    @Test
    void devicesThatRefuseItAreNoAcknowledgement() {
        scenario.proposeToAll();
        scenario.ack("device-1", 1, AckOutcome.REFUSED);

        assertTrue(onlyEvent(scenario.measure(1, 7e6, 100)).getReason().contains("refused"));
    }

    @Test
    void devicesThatFailTakeItBackAfterTwoLooks() {
        scenario.proposeToAll();
        GroupLook failing = Looks.counted(GroupLook.NONE, 2, 2, 2, 1);

        assertEquals(List.of(), scenario.look(GroupLook.NONE, failing));
        List<Emission> emissions = scenario.look(GroupLook.NONE, failing);

        assertEquals(2, onlyUpdate(emissions).getEpoch());
        assertEquals(RolloutDecision.ROLLBACK, onlyEvent(emissions).getDecision());
        assertTrue(onlyEvent(emissions).getReason().startsWith("1 of 2 devices that did not fail before fail"));
    }

    @Test
    void oneBadLookIsNoReason() {
        scenario.proposeToAll();
        scenario.look(GroupLook.NONE, Looks.counted(GroupLook.NONE, 2, 2, 2, 2));
        scenario.look(GroupLook.NONE, Looks.counted(GroupLook.NONE, 2, 2, 2, 0));

        assertEquals(List.of(), scenario.look(GroupLook.NONE, Looks.counted(GroupLook.NONE, 2, 2, 2, 2)));
    }
}
