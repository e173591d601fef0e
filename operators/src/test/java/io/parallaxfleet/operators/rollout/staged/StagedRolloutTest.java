package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StagedRolloutTest {
    private final SplittableRandom random = new SplittableRandom(9);
    private StagedRollout rollout = new StagedRollout(StagedOptions.defaults(), 2000);

    @Nested
    class InShadow {
        @Test
        void noDeviceIsTouchedBeforeSeveralLooksInARowPredictAGain() {
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(false));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));

            assertEquals(new StagedRollout.Step.Enter(Stage.ONE_PERCENT, null), rollout.onShadow(true));
        }

        @Test
        void aSmallClassGoesStraightToTheStageThatHoldsEnough() {
            rollout = new StagedRollout(StagedOptions.defaults(), 120);

            assertEquals(new StagedRollout.Step.Enter(Stage.QUARTER, null), leaveShadow());
        }

        @Test
        void aClassWithoutRoomForAControlIsRefused() {
            assertThrows(IllegalArgumentException.class, () -> new StagedRollout(StagedOptions.defaults(), 2));
        }
    }

    @Nested
    class OnDevices {
        @BeforeEach
        void reachTheFirst() {
            leaveShadow();
        }

        @Test
        void eachPromotionIsAWiderStageAndTheLastCompletes() {
            assertEquals(Stage.FIVE_PERCENT, entered(look(-0.1)));
            assertEquals(Stage.QUARTER, entered(look(-0.1)));
            assertEquals(Stage.ALL_BUT_HOLDOUT, entered(look(-0.1)));
            assertInstanceOf(StagedRollout.Step.Complete.class, look(-0.1));
            assertTrue(rollout.ended());
        }

        @Test
        void aRegressionBringsBackTheThresholdsBefore() {
            assertInstanceOf(StagedRollout.Step.Restore.class, look(0.1));
            assertTrue(rollout.ended());
        }

        @Test
        void withoutDataItWaitsWhereItIs() {
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onLook(GroupLook.NONE, GroupLook.NONE, false));
            assertEquals(Stage.ONE_PERCENT, rollout.stage());
        }

        @Test
        void failuresAreGuardedInEveryStage() {
            for (Stage stage : StagedOptions.defaults().measurableStages(2000)) {
                rollout = at(stage);
                assertInstanceOf(StagedRollout.Step.Restore.class, failing(), stage.name());
            }
        }

        @Test
        void whatIsHeldGoesNoFurtherThoughItHasShownWhatItHadTo() {
            assertInstanceOf(StagedRollout.Step.Ready.class, look(-0.1, true));
            assertEquals(Stage.ONE_PERCENT, rollout.stage());
        }

        @Test
        void whatIsHeldIsTakenBackAllTheSame() {
            assertInstanceOf(StagedRollout.Step.Restore.class, look(0.1, true));
        }

        @Test
        void aPersonTakesTheNextStepWithoutEvidence() {
            assertEquals(new StagedRollout.Step.Enter(Stage.FIVE_PERCENT, null), rollout.promote());
        }

        @Test
        void onceItHasEndedNothingFollows() {
            look(0.1);

            assertThrows(IllegalStateException.class, () -> look(0));
        }

        @Test
        void aRestartGoesOnInTheSameStageWithTheFailuresSeenSoFar() {
            rollout.onLook(failures(2), Looks.counted(GroupLook.NONE, 0, 0, 200, 0), false);

            rollout = new StagedRollout(StagedOptions.defaults(), rollout.position());

            assertEquals(Stage.ONE_PERCENT, rollout.stage());
            assertInstanceOf(StagedRollout.Step.Restore.class,
                    rollout.onLook(failures(3), Looks.counted(GroupLook.NONE, 0, 0, 200, 0), false));
        }
    }

    private GroupLook failures(int devices) {
        return Looks.counted(GroupLook.NONE, 0, 0, 20, devices);
    }

    private StagedRollout.Step failing() {
        return rollout.onLook(failures(20), Looks.counted(GroupLook.NONE, 0, 0, 200, 0), false);
    }

    private StagedRollout at(Stage stage) {
        rollout = new StagedRollout(StagedOptions.defaults(), 2000);
        leaveShadow();
        while (rollout.stage() != stage) {
            look(-0.1);
        }
        return rollout;
    }

    private static Stage entered(StagedRollout.Step step) {
        return assertInstanceOf(StagedRollout.Step.Enter.class, step).stage();
    }

    private StagedRollout.Step leaveShadow() {
        StagedRollout.Step step = rollout.onShadow(true);
        while (step instanceof StagedRollout.Step.Wait) {
            step = rollout.onShadow(true);
        }
        return step;
    }

    private StagedRollout.Step look(double change) {
        return look(change, false);
    }

    private StagedRollout.Step look(double change, boolean held) {
        return rollout.onLook(Looks.group(30, 0.02, change, change, random), Looks.group(200, 0.02, 0, 0, random), held);
    }
}
