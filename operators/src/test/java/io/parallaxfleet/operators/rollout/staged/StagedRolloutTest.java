package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StagedRolloutTest {
    private static final long HIGHEST = 41;
    private static final Reporting ALL_REPORT = new Reporting(30, 30, 200, 200);

    private StagedRollout rollout = new StagedRollout(StagedOptions.defaults(), 2000, HIGHEST);

    @Nested
    class InShadow {
        @Test
        void noDeviceIsTouchedBeforeSeveralLooksInARowPredictAGain() {
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(false));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));
            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onShadow(true));

            assertEquals(new StagedRollout.Step.Enter(Stage.ONE_PERCENT, HIGHEST + 1), rollout.onShadow(true));
        }

        @Test
        void aSmallClassGoesStraightToTheStageThatHoldsEnough() {
            rollout = new StagedRollout(StagedOptions.defaults(), 120, HIGHEST);

            assertEquals(new StagedRollout.Step.Enter(Stage.QUARTER, HIGHEST + 1), leaveShadow());
        }

        @Test
        void aClassWithoutRoomForAControlIsRefused() {
            assertThrows(IllegalArgumentException.class, () -> new StagedRollout(StagedOptions.defaults(), 2, HIGHEST));
        }
    }

    @Nested
    class OnDevices {
        @Test
        void eachPromotionIsAWiderStageUnderAHigherEpochAndTheLastCompletes() {
            leaveShadow();

            assertEquals(new StagedRollout.Step.Enter(Stage.FIVE_PERCENT, HIGHEST + 2), look(-0.1));
            assertEquals(new StagedRollout.Step.Enter(Stage.QUARTER, HIGHEST + 3), look(-0.1));
            assertEquals(new StagedRollout.Step.Enter(Stage.ALL_BUT_HOLDOUT, HIGHEST + 4), look(-0.1));
            assertEquals(new StagedRollout.Step.Complete(HIGHEST + 5), look(-0.1));
            assertTrue(rollout.ended());
        }

        @Test
        void aRegressionBringsBackTheThresholdsBeforeUnderAHigherEpoch() {
            leaveShadow();

            StagedRollout.Step.Restore restore = assertInstanceOf(StagedRollout.Step.Restore.class, look(0.1));
            assertEquals(HIGHEST + 2, restore.epoch());
            assertTrue(rollout.ended());
        }

        @Test
        void withoutDataItWaitsWhereItIs() {
            leaveShadow();

            assertInstanceOf(StagedRollout.Step.Wait.class, rollout.onLook(List.of(), ALL_REPORT));
            assertEquals(Stage.ONE_PERCENT, rollout.stage());
        }

        @Test
        void failuresAreGuardedInEveryStage() {
            leaveShadow();
            while (!rollout.ended()) {
                Stage stage = rollout.stage();
                StagedRollout failing = at(stage);
                failing.failures().look(20, 20, 200, 0);
                assertInstanceOf(StagedRollout.Step.Restore.class, failing.onLook(List.of(), ALL_REPORT), stage.name());
                look(-0.1);
            }
        }

        @Test
        void onceItHasEndedNothingFollows() {
            leaveShadow();
            look(0.1);

            assertThrows(IllegalStateException.class, () -> look(0));
        }
    }

    private StagedRollout at(Stage stage) {
        StagedRollout other = new StagedRollout(StagedOptions.defaults(), 2000, HIGHEST);
        StagedRollout mine = rollout;
        rollout = other;
        leaveShadow();
        while (rollout.stage() != stage) {
            look(-0.1);
        }
        rollout = mine;
        return other;
    }

    private StagedRollout.Step leaveShadow() {
        StagedRollout.Step step = rollout.onShadow(true);
        while (step instanceof StagedRollout.Step.Wait) {
            step = rollout.onShadow(true);
        }
        return step;
    }

    private StagedRollout.Step look(double change) {
        SplittableRandom random = new SplittableRandom(9);
        List<DeviceChange> changes = new ArrayList<>();
        for (int i = 0; i < 230; i++) {
            boolean member = i < 30;
            changes.add(new DeviceChange(member, (member ? change : 0) + 0.02 * random.nextGaussian(),
                    (member ? change : 0) + 0.04 * random.nextGaussian()));
        }
        return rollout.onLook(changes, ALL_REPORT);
    }
}
