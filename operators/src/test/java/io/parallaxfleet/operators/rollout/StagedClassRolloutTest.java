package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.ISSUER;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.assertNoUpdate;
import static io.parallaxfleet.operators.rollout.RolloutScenario.fastAccelerator;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.rollout.staged.GroupLook;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.Looks;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A class of 2000 devices, from shadow to the end. */
class StagedClassRolloutTest {
    private final RolloutScenario scenario = new RolloutScenario();

    @Nested
    class BeforeItStarts {
        @Test
        void nothingIsProposedToDevicesThatWereNotCounted() {
            scenario.measure(0, 10e6, 100);

            assertTrue(onlyEvent(scenario.fit()).getReason().contains("not been counted yet"));
        }

        @Test
        void aLargeClassThatIsStillYoungIsNotTakenForASmallOne() {
            scenario.count(2000, 30);
            scenario.measure(0, 10e6, 100);

            RolloutEvent event = onlyEvent(scenario.fit());
            assertEquals(RolloutDecision.HOLD, event.getDecision());
            assertTrue(event.getReason().contains("only 30 of 2000 devices have a past"), event.getReason());
        }
    }

    @Nested
    class InShadow {
        @BeforeEach
        void propose() {
            scenario.count(2000, 2000);
        }

        @Test
        void aProposalIsAnEventAndTouchesNoDevice() {
            List<Emission> emissions = scenario.fit();

            assertNoUpdate(emissions);
            RolloutEvent event = onlyEvent(emissions);
            assertEquals(RolloutDecision.PROPOSE, event.getDecision());
            assertEquals(RolloutStage.SHADOW, event.getStage());
            assertEquals(0, event.getMembershipPerMille());
            assertEquals(2000, event.getDevices());
            assertEquals(DelegationMode.NEVER, event.getThresholdsAfter().getMode());
        }

        @Test
        void threeFitsInARowThatPredictAGainLeadToOnePercentOfTheClass() {
            scenario.fit();
            scenario.fit();

            List<Emission> emissions = scenario.fit();
            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(10, update.getMembershipPerMille());
            assertEquals(RolloutStage.CANARY, update.getStage());
            assertEquals(1, update.getEpoch());
            assertEquals(0, update.getPreviousEpoch());
            assertTrue(ThresholdKeys.isCandidate(update));
            assertEquals(RolloutDecision.PROMOTE, onlyEvent(emissions).getDecision());
            assertEquals(update.getRolloutId(), onlyEvent(emissions).getRolloutId());
        }

        @Test
        void aFitThatPredictsNoGainDropsItAndNothingWasApplied() {
            scenario.fit();
            scenario.fit();

            List<Emission> emissions = scenario.rollout.onFit(scenario.state, fastAccelerator(), NOW);
            assertNoUpdate(emissions);
            assertEquals(RolloutDecision.ABORT, onlyEvent(emissions).getDecision());
            assertFalse(scenario.state.underWay());
        }

        @Test
        void theNextTrialHasAnotherName() {
            String first = onlyEvent(scenario.fit()).getRolloutId();
            scenario.rollout.onFit(scenario.state, fastAccelerator(), NOW);

            assertFalse(onlyEvent(scenario.fit()).getRolloutId().equals(first));
        }
    }

    @Nested
    class OnDevices {
        private String rolloutId;

        @BeforeEach
        void enter() {
            rolloutId = onlyUpdate(scenario.firstStage()).getRolloutId();
        }

        @Test
        void whatIsSurelyHarmlessGoesOnUnderOneNameAndGrowingEpochsToAllDevices() {
            int[] shares = {50, 250, 980};
            for (int i = 0; i < shares.length; i++) {
                List<Emission> emissions = scenario.look(-0.1);
                ThresholdUpdate update = onlyUpdate(emissions);
                assertEquals(shares[i], update.getMembershipPerMille());
                assertEquals(2 + i, update.getEpoch());
                assertEquals(rolloutId, update.getRolloutId());
                assertEquals(RolloutDecision.PROMOTE, onlyEvent(emissions).getDecision());
            }
            List<Emission> emissions = scenario.look(-0.1);
            ThresholdUpdate update = onlyUpdate(emissions);
            assertFalse(ThresholdKeys.isCandidate(update));
            assertEquals(5, update.getEpoch());
            assertEquals(DelegationMode.NEVER, update.getMode());
            assertEquals(RolloutDecision.COMPLETE, onlyEvent(emissions).getDecision());
            assertEquals(5, scenario.state.inForce.epoch());
        }

        @Test
        void aPromotionCarriesWhatWasMeasured() {
            RolloutEvent event = onlyEvent(scenario.look(-0.1));

            assertEquals(30, event.getMeasurement().getMembers());
            assertEquals(200, event.getMeasurement().getControl());
            assertEquals(-0.1, event.getMeasurement().getMeanChange(), 0.02);
            assertTrue(event.getMeasurement().getMeanHalfWidth() > 0);
        }

        @Test
        void aRegressionBringsTheThresholdsBeforeBackToEveryDeviceUnderAHigherEpoch() {
            List<Emission> emissions = scenario.look(0.1);

            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(2, update.getEpoch());
            assertEquals(1000, update.getMembershipPerMille());
            assertEquals(RolloutStage.ROLLED_BACK, update.getStage());
            assertEquals(1_000_000_000L, update.getMinMacs());
            RolloutEvent event = onlyEvent(emissions);
            assertEquals(RolloutDecision.ROLLBACK, event.getDecision());
            assertTrue(event.getReason().startsWith("members became slower"), event.getReason());
            assertEquals(0.1, event.getMeasurement().getMeanChange(), 0.02);
        }

        @Test
        void whatWasTakenBackIsNotProposedAgain() {
            scenario.look(0.1);

            assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.fit()).getDecision());
        }

        @Test
        void failuresAreTakenBackBeforeAnyLatencyIsKnown() {
            List<Emission> emissions = scenario.look(Looks.counted(GroupLook.NONE, 20, 20, 20, 15),
                    Looks.counted(GroupLook.NONE, 1980, 1980, 1980, 2));

            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(emissions).getDecision());
            assertTrue(onlyEvent(emissions).getReason().startsWith("failures among members"));
        }

        @Test
        void membersThatFallSilentAreHeld() {
            List<Emission> emissions = scenario.look(Looks.counted(GroupLook.NONE, 20, 5, 5, 0),
                    Looks.counted(GroupLook.NONE, 1980, 1970, 1970, 0));

            assertNoUpdate(emissions);
            assertTrue(onlyEvent(emissions).getReason().contains("5 of 20 members report"));
        }

        @Test
        void theSameHoldIsSaidOnce() {
            scenario.look(GroupLook.NONE, GroupLook.NONE);

            assertEquals(List.of(), scenario.look(GroupLook.NONE, GroupLook.NONE));
        }

        @Test
        void withoutDataItAsksForAPersonAgainAndAgainAndIsNeverPromoted() {
            assertEquals(List.of(), scenario.rollout.onTime(scenario.state, BOARD, NOW.plusSeconds(60)));
            for (int i = 1; i <= 3; i++) {
                List<Emission> emissions = scenario.rollout.onTime(scenario.state, BOARD, NOW.plus(scenario.options.patience().multipliedBy(i)));
                assertNoUpdate(emissions);
                assertEquals(RolloutDecision.HOLD, onlyEvent(emissions).getDecision());
                assertTrue(onlyEvent(emissions).getReason().contains("a person is needed"));
            }
        }

        @Test
        void theLookOfOneTaskOfTwoDecidesNothing() {
            GroupLook bad = Looks.counted(GroupLook.NONE, 20, 20, 20, 20);
            GroupLook fine = Looks.counted(GroupLook.NONE, 1980, 1980, 1980, 0);

            assertEquals(List.of(), part(0, 1, bad, fine));
            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(part(1, 1, GroupLook.NONE, fine)).getDecision());
        }

        @Test
        void aLookAtAnEarlierStageDecidesNothing() {
            LookPart old = new LookPart(BOARD, 0, 1, 1000, 0, 2000, GroupLook.NONE, GroupLook.NONE);

            assertEquals(List.of(), scenario.rollout.onLook(scenario.state, old, NOW));
        }

        @Test
        void aFitOnTheWayChangesNothing() {
            assertEquals(List.of(), scenario.fit());
        }

        @Test
        void devicesThatAcknowledgedAreCountedByStage() {
            scenario.ack("device-1", 1, AckOutcome.APPLIED);
            scenario.ack("device-2", 1, AckOutcome.APPLIED);

            assertEquals(2, onlyEvent(scenario.look(0.1)).getDevicesAcknowledged());
        }

        private List<Emission> part(int subtask, long look, GroupLook members, GroupLook control) {
            return scenario.rollout.onLook(scenario.state, new LookPart(BOARD, subtask, 2, look, 1, 1000, members, control), NOW);
        }
    }

    @Nested
    class WhenTheJobIsRestarted {
        @Test
        void theStageGoesOnWhereItWas() throws IOException {
            scenario.firstStage();
            scenario.look(-0.1);

            scenario.restart();

            ThresholdUpdate update = onlyUpdate(scenario.look(-0.1));
            assertEquals(250, update.getMembershipPerMille());
            assertEquals(3, update.getEpoch());
        }

        @Test
        void shadowGoesOnWhereItWas() throws IOException {
            scenario.count(2000, 2000);
            scenario.fit();
            scenario.fit();

            scenario.restart();

            assertEquals(10, onlyUpdate(scenario.fit()).getMembershipPerMille());
        }

        @Test
        void aStageThatWasPublishedAfterTheLastCheckpointIsTakenUp() throws IOException {
            scenario.firstStage();
            RolloutState checkpoint = RolloutScenario.savedAndRestored(scenario.state);
            ThresholdUpdate published = onlyUpdate(scenario.look(-0.1));

            scenario.state = checkpoint;
            scenario.rollout.onUpdate(scenario.state, BOARD, published, NOW);

            assertEquals(250, onlyUpdate(scenario.look(-0.1)).getMembershipPerMille());
        }

        @Test
        void aTrialThatNobodyRemembersIsTakenBackFromItsMembers() {
            ThresholdUpdate orphan = onlyUpdate(scenario.firstStage());
            scenario.state = new RolloutState();
            scenario.rollout.onUpdate(scenario.state, BOARD, orphan, NOW);

            List<Emission> emissions = scenario.fit();
            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(2, update.getEpoch());
            assertEquals(1000, update.getMembershipPerMille());
            assertEquals(DelegationMode.THRESHOLDS, update.getMode());
            assertEquals(RolloutDecision.ABORT, onlyEvent(emissions).getDecision());
        }
    }

    @Nested
    class WhenOthersPublish {
        @Test
        void thresholdsForAllEndTheTrial() {
            scenario.firstStage();

            scenario.rollout.onUpdate(scenario.state, BOARD, RolloutScenario.handSet(7, false), NOW);

            assertFalse(scenario.state.underWay());
            assertEquals(7, scenario.state.inForce.epoch());
        }

        @Test
        void thresholdsForAShareAreSaidNotToBeMeasured() {
            ThresholdUpdate foreign = RolloutScenario.handSet(7, false);
            foreign.setMembershipPerMille(100);

            List<Emission> emissions = scenario.rollout.onUpdate(scenario.state, BOARD, foreign, NOW);

            assertTrue(onlyEvent(emissions).getReason().contains("neither measures it nor takes it back"));
            assertEquals(0, scenario.state.inForce.epoch());
        }

        @Test
        void theOwnStageReadBackChangesNothing() {
            ThresholdUpdate own = onlyUpdate(scenario.firstStage());

            assertEquals(List.of(), scenario.rollout.onUpdate(scenario.state, BOARD, own, NOW));
            assertEquals(ISSUER, own.getIssuedBy());
            assertTrue(scenario.state.underWay());
        }
    }
}
