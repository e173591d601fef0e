package io.parallaxfleet.operators.rollout;

import static io.parallaxfleet.operators.rollout.RolloutScenario.BOARD;
import static io.parallaxfleet.operators.rollout.RolloutScenario.NOW;
import static io.parallaxfleet.operators.rollout.RolloutScenario.assertNoUpdate;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyEvent;
import static io.parallaxfleet.operators.rollout.RolloutScenario.onlyUpdate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What people ask for, and what they are answered. */
class RolloutControlTest {
    private static final PlanPolicy PINNED = new PlanPolicy(DelegationMode.THRESHOLDS, 2, 5_000_000L, 0.5);

    private final RolloutScenario scenario = new RolloutScenario();

    @Nested
    class Answers {
        @Test
        void anAnswerNamesThePersonTheReasonAndTheCommand() {
            scenario.firstStage();
            RolloutCommand command = scenario.commandOf(RolloutAction.PAUSE, null, null);

            RolloutEvent event = onlyEvent(scenario.rollout.onCommand(scenario.state, BOARD, command, NOW));

            assertEquals("ada", event.getActor());
            assertEquals(command.getCommandId(), event.getCommandId());
            assertTrue(event.getReason().startsWith("I saw the graphs"), event.getReason());
        }

        @Test
        void aCommandThatComesAgainIsFollowedOnce() throws IOException {
            scenario.firstStage();
            RolloutCommand command = scenario.commandOf(RolloutAction.PROMOTE, null, null);
            scenario.rollout.onCommand(scenario.state, BOARD, command, NOW);

            scenario.restart();

            assertEquals(List.of(), scenario.rollout.onCommand(scenario.state, BOARD, command, NOW));
        }

        @Test
        void aCommandForAnotherRolloutIsRefused() {
            scenario.firstStage();

            List<Emission> emissions = scenario.command(RolloutAction.ABORT, "board-of-last-year", null);

            assertNoUpdate(emissions);
            assertEquals(RolloutDecision.REFUSE, onlyEvent(emissions).getDecision());
            assertTrue(onlyEvent(emissions).getReason().contains("board-of-last-year was meant"));
        }

        @Test
        void whatMeansNothingNowIsRefusedWithTheReason() {
            refused(RolloutAction.PAUSE, "no rollout is under way");
            refused(RolloutAction.RESUME, "no rollout is under way");
            refused(RolloutAction.PROMOTE, "no rollout is under way");
            refused(RolloutAction.ABORT, "no rollout is under way");
            refused(RolloutAction.UNPIN, "the class is not pinned");
            refused(RolloutAction.RELEASE, "the class is not frozen");
        }

        private void refused(RolloutAction action, String why) {
            RolloutEvent event = onlyEvent(scenario.command(action));
            assertEquals(RolloutDecision.REFUSE, event.getDecision());
            assertTrue(event.getReason().contains(why), event.getReason());
        }
    }

    @Nested
    class InAStage {
        @Test
        void aPausedRolloutStaysInItsStageThoughItHasShownWhatItHadTo() {
            scenario.firstStage();
            scenario.command(RolloutAction.PAUSE);

            List<Emission> emissions = scenario.look(-0.1);
            assertNoUpdate(emissions);
            assertTrue(onlyEvent(emissions).getPaused());

            scenario.command(RolloutAction.RESUME);
            assertEquals(50, onlyUpdate(scenario.look(-0.1)).getMembershipPerMille());
        }

        @Test
        void whatTurnsOutHarmfulIsTakenBackThoughItIsPaused() {
            scenario.firstStage();
            scenario.command(RolloutAction.PAUSE);

            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(scenario.look(0.1)).getDecision());
            assertFalse(scenario.state.paused);
        }

        @Test
        void aPersonMayTakeTheNextStage() {
            scenario.firstStage();

            List<Emission> emissions = scenario.command(RolloutAction.PROMOTE);
            assertEquals(50, onlyUpdate(emissions).getMembershipPerMille());
            assertEquals(RolloutDecision.PROMOTE, onlyEvent(emissions).getDecision());
            assertEquals(2, onlyEvent(emissions).getEpoch());
        }

        @Test
        void promotedBeyondTheLastStageItIsComplete() {
            scenario.firstStage();
            for (int i = 0; i < 3; i++) {
                scenario.command(RolloutAction.PROMOTE);
            }

            List<Emission> emissions = scenario.command(RolloutAction.PROMOTE);
            assertEquals(1000, onlyUpdate(emissions).getMembershipPerMille());
            assertEquals(RolloutDecision.COMPLETE, onlyEvent(emissions).getDecision());
            assertEquals(RolloutStage.FULL, onlyEvent(emissions).getStage());
        }

        @Test
        void abortedItIsTakenBackUnderAHigherEpoch() {
            scenario.firstStage();

            List<Emission> emissions = scenario.command(RolloutAction.ABORT);
            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(2, update.getEpoch());
            assertEquals(1000, update.getMembershipPerMille());
            assertEquals(RolloutStage.ROLLED_BACK, update.getStage());
            assertEquals(RolloutDecision.ABORT, onlyEvent(emissions).getDecision());
            assertFalse(scenario.state.underWay());
        }

        @Test
        void abortedInShadowItIsDroppedAndNothingIsPublished() {
            scenario.count(2000, 2000);
            scenario.fit();

            List<Emission> emissions = scenario.command(RolloutAction.ABORT);
            assertNoUpdate(emissions);
            assertEquals(RolloutDecision.ABORT, onlyEvent(emissions).getDecision());
        }
    }

    @Nested
    class OfAWholeClass {
        @Test
        void aPersonMayCompleteIt() {
            scenario.proposeToAll();

            assertEquals(RolloutDecision.COMPLETE, onlyEvent(scenario.command(RolloutAction.PROMOTE)).getDecision());
            assertFalse(scenario.state.underWay());
        }

        @Test
        void aPersonMayTakeItBack() {
            scenario.proposeToAll();

            assertEquals(2, onlyUpdate(scenario.command(RolloutAction.ABORT)).getEpoch());
        }

        @Test
        void pausedItIsNotCompleted() {
            scenario.proposeToAll();
            scenario.ack("device-1", 1, AckOutcome.APPLIED);
            scenario.command(RolloutAction.PAUSE);

            assertEquals(RolloutDecision.HOLD, onlyEvent(scenario.measure(1, 7e6, 60)).getDecision());
        }
    }

    @Nested
    class Pin {
        @Test
        void pinnedThresholdsAreForEveryDeviceAndNothingIsProposedUntilTheyAreUnpinned() {
            scenario.smallClass();

            List<Emission> emissions = scenario.command(RolloutAction.PIN, null, PINNED);
            ThresholdUpdate update = onlyUpdate(emissions);
            assertEquals(1, update.getEpoch());
            assertEquals(5_000_000L, update.getMinMacs());
            assertTrue(onlyEvent(emissions).getPinned());
            scenario.measure(1, 10e6, 100);
            assertEquals(List.of(), scenario.fit());

            scenario.command(RolloutAction.UNPIN);
            assertEquals(2, onlyUpdate(scenario.fit()).getEpoch());
        }

        @Test
        void withoutThresholdsThoseInForceArePinnedAndNothingIsPublished() {
            scenario.smallClass();

            List<Emission> emissions = scenario.command(RolloutAction.PIN);
            assertNoUpdate(emissions);
            assertEquals(RolloutDecision.PIN, onlyEvent(emissions).getDecision());
        }

        @Test
        void itEndsATrialAndBringsItsMembersBack() {
            scenario.firstStage();

            ThresholdUpdate update = onlyUpdate(scenario.command(RolloutAction.PIN));
            assertEquals(2, update.getEpoch());
            assertEquals(1000, update.getMembershipPerMille());
            assertEquals(1_000_000_000L, update.getMinMacs());
            assertFalse(scenario.state.underWay());
        }

        @Test
        void itOutlivesARestart() throws IOException {
            scenario.smallClass();
            scenario.command(RolloutAction.PIN);

            scenario.restart();

            assertEquals(List.of(), scenario.fit());
        }
    }

    @Nested
    class WhenTheFleetIsFrozen {
        private final Freeze freeze = new Freeze(1000, "classes a, b, c were rolled back");

        @Test
        void aTrialStaysInItsStageUntilItsClassIsReleased() {
            scenario.firstStage();
            RolloutEvent event = onlyEvent(freeze());
            assertEquals(RolloutDecision.FREEZE, event.getDecision());
            assertTrue(event.getFrozen());
            assertNoUpdate(scenario.look(-0.1));

            assertEquals(RolloutDecision.RELEASE, onlyEvent(scenario.command(RolloutAction.RELEASE)).getDecision());
            assertEquals(50, onlyUpdate(scenario.look(-0.1)).getMembershipPerMille());
        }

        @Test
        void nothingNewIsProposed() {
            freeze();
            scenario.smallClass();

            assertNoUpdate(scenario.fit());
        }

        @Test
        void whatIsHarmfulIsTakenBackAllTheSame() {
            scenario.firstStage();
            freeze();

            assertEquals(RolloutDecision.ROLLBACK, onlyEvent(scenario.look(0.1)).getDecision());
        }

        @Test
        void nobodyPromotesAFrozenClassByMistake() {
            scenario.firstStage();
            freeze();

            assertEquals(RolloutDecision.REFUSE, onlyEvent(scenario.command(RolloutAction.PROMOTE)).getDecision());
        }

        @Test
        void theSameFreezeDoesNotFreezeAReleasedClassAgain() throws IOException {
            freeze();
            scenario.command(RolloutAction.RELEASE);
            scenario.restart();

            assertEquals(List.of(), freeze());
        }

        @Test
        void byAPersonItIsSaidWhoAndWhyAndStaysUntilTheFleetGoesOn() throws IOException {
            scenario.firstStage();
            RolloutEvent frozen = onlyEvent(scenario.command(RolloutAction.FREEZE));
            assertEquals(RolloutDecision.FREEZE, frozen.getDecision());
            assertEquals("ada", frozen.getActor());
            assertTrue(frozen.getFrozen());
            scenario.restart();
            assertNoUpdate(scenario.look(-0.1));

            RolloutEvent released = onlyEvent(scenario.command(RolloutAction.UNFREEZE));
            assertEquals(RolloutDecision.RELEASE, released.getDecision());
            assertFalse(released.getFrozen());
            assertEquals(50, onlyUpdate(scenario.look(-0.1)).getMembershipPerMille());
        }

        @Test
        void byAPersonAClassThatComesLaterIsFrozenTooAndOneThatWasLetGoIsNot() {
            assertTrue(onlyEvent(scenario.rollout.onEarlierFleetCommand(scenario.state, BOARD,
                    scenario.commandOf(RolloutAction.FREEZE, null, null), NOW)).getFrozen());
            assertEquals(List.of(), scenario.rollout.onEarlierFleetCommand(scenario.state, BOARD,
                    scenario.commandOf(RolloutAction.UNFREEZE, null, null), NOW));
        }

        private List<Emission> freeze() {
            return scenario.rollout.onFreeze(scenario.state, BOARD, freeze, NOW);
        }
    }
}
