package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class StagedOptionsTest {
    private final StagedOptions options = StagedOptions.defaults();

    @Test
    void aLargeClassGoesThroughEveryStage() {
        assertEquals(List.of(Stage.ONE_PERCENT, Stage.FIVE_PERCENT, Stage.QUARTER, Stage.ALL_BUT_HOLDOUT),
                options.measurableStages(2000));
    }

    @Test
    void aSmallClassSkipsToTheSmallestStageThatHoldsEnough() {
        assertEquals(Stage.FIVE_PERCENT, options.measurableStages(500).get(0));
        assertEquals(List.of(Stage.QUARTER), options.measurableStages(120));
    }

    @Test
    void twoDevicesCanOnlyBeComparedWithTheirOwnPast() {
        assertTrue(options.measurableStages(2).isEmpty());
    }

    @Test
    void nothingIsMeasuredInShadow() {
        assertFalse(options.measurableStages(1_000_000).contains(Stage.SHADOW));
    }

    @Test
    void allTestsOfAllStagesShareTheErrorThatIsPromised() {
        assertEquals(options.falseRollback(), 12 * options.testError(), 1e-12);
    }
}
