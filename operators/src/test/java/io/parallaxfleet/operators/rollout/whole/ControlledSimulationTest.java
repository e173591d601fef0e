package io.parallaxfleet.operators.rollout.whole;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.rollout.BeforeAfter;
import io.parallaxfleet.operators.rollout.RolloutVerdict;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Simulated: what becomes of thresholds for a class of two devices on a machine that changes its speed by up to 40 % in between, looked
 * at after every third window. The bounds are those of rollouts in stages.
 */
class ControlledSimulationTest {
    private static final int ROLLOUTS = 400;
    private static final int WINDOWS_BEFORE = 60;
    private static final int WINDOWS_AFTER = 120;
    private static final int LOOK_EVERY = 3;

    private enum End { COMPLETE, ROLLED_BACK, HELD }

    private final ControlledJudge judge = ControlledJudge.of(30, 0.8, 0.05, Objective.LATENCY, 0.25);

    @Test
    void aNeutralChangeIsTakenBackInAtMostTwoOfAHundredHoweverTheMachineDrifts() {
        Map<End, Integer> ends = rollouts(3, 0, 0, 11);
        assertTrue(share(ends, End.ROLLED_BACK) <= 0.02, ends::toString);
        assertTrue(share(ends, End.COMPLETE) >= 0.9, ends::toString);
    }

    @Test
    void aRegressionOfTenPercentIsTakenBackHoweverTheMachineDrifts() {
        Map<End, Integer> ends = rollouts(3, 0, Math.log(1.1), 12);
        assertTrue(share(ends, End.ROLLED_BACK) >= 0.99, ends::toString);
    }

    @Test
    void aGainOfTwentyPercentIsKeptHoweverTheMachineDrifts() {
        Map<End, Integer> ends = rollouts(3, 0, Math.log(0.8), 13);
        assertTrue(share(ends, End.COMPLETE) >= 0.99, ends::toString);
    }

    @Test
    void aControlOfOneOrTwoModelsDecidesLessButNotWronger() {
        for (int controls = 1; controls <= 2; controls++) {
            Map<End, Integer> neutral = rollouts(controls, 0.3, 0, 20 + controls);
            assertTrue(share(neutral, End.ROLLED_BACK) <= 0.03, controls + " " + neutral);
            Map<End, Integer> worse = rollouts(controls, 0.3, Math.log(1.1), 30 + controls);
            assertTrue(share(worse, End.COMPLETE) <= 0.02, controls + " " + worse);
        }
    }

    @Test
    void modelsThatAnswerToTheMachineInTheirOwnWaysWidenTheInterval() {
        Map<End, Integer> neutral = rollouts(3, 0.3, 0, 41);
        assertTrue(share(neutral, End.ROLLED_BACK) <= 0.05, neutral::toString);
        Map<End, Integer> worse = rollouts(3, 0.3, Math.log(1.1), 42);
        assertTrue(share(worse, End.COMPLETE) <= 0.02, worse::toString);
        Map<End, Integer> better = rollouts(3, 0.3, Math.log(0.8), 43);
        assertTrue(share(better, End.ROLLED_BACK) == 0, better::toString);
    }

    @Test
    void theOwnPastAloneTakesTheMachineForTheThresholds() {
        SplittableRandom random = new SplittableRandom(14);
        int wrong = 0;
        for (int i = 0; i < 50; i++) {
            Machine machine = new Machine(3, 0, random.split());
            Map<String, LatencySketch> before = machine.pooled(WINDOWS_BEFORE, 0, 0);
            Map<String, LatencySketch> after = machine.pooled(WINDOWS_BEFORE, Math.log(1.2), 0);
            wrong += BeforeAfter.defaults().judge(before, after) instanceof RolloutVerdict.Rollback ? 1 : 0;
        }
        assertTrue(wrong > 40, wrong + " of 50: without this there would be no need for a control");
    }

    private Map<End, Integer> rollouts(int controls, double spread, double effect, long seed) {
        Map<End, Integer> ends = new EnumMap<>(End.class);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ROLLOUTS; i++) {
            ends.merge(rollout(new Machine(controls, spread, random.split()), effect, 0.8 * random.nextDouble() - 0.4), 1, Integer::sum);
        }
        return ends;
    }

    /** @param drift of the machine's speed between the epochs, as a share */
    private End rollout(Machine machine, double effect, double drift) {
        EpochWindows before = new EpochWindows();
        EpochWindows after = new EpochWindows();
        PlanChanges plans = new PlanChanges();
        plans.add(machine.acknowledgement("device-1"));
        plans.add(machine.acknowledgement("device-2"));
        for (int i = 0; i < WINDOWS_BEFORE; i++) {
            machine.window(before, 0, 0);
        }
        for (int i = 0; i < WINDOWS_AFTER; i++) {
            machine.window(after, Math.log1p(drift), effect);
            if (i % LOOK_EVERY != 0) {
                continue;
            }
            ControlledVerdict verdict = judge.judge(new ControlledJudge.Epoch(before, new EnergyWindows()),
                    new ControlledJudge.Epoch(after, new EnergyWindows()), plans);
            if (verdict instanceof ControlledVerdict.Promote) {
                return End.COMPLETE;
            }
            if (verdict instanceof ControlledVerdict.Rollback) {
                return End.ROLLED_BACK;
            }
        }
        return End.HELD;
    }

    private static double share(Map<End, Integer> ends, End end) {
        return (double) ends.getOrDefault(end, 0) / ROLLOUTS;
    }
}
