package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whole rollouts of a class of 2000 devices against the promises. The inferences of a device scatter by 15 % and 8 % of them are
 * slowed, its own change wanders by 1.5 % when nothing changes, all devices drift together by up to 10 % with the time of day, and one
 * in 500 fails in a look. At most 200 devices of either group report: the tests take any number. What guards scatters like what is
 * judged.
 */
class StagedSimulationTest {
    private static final int DEVICES = 2000;
    private static final int SAMPLE = 200;
    private static final int LOOKS = 60;
    private static final int INFERENCES_A_LOOK = 40;
    private static final int INFERENCES_BEFORE = 400;
    /** Standard deviation of the logarithm of a latency: 15 % scatter, and 8 % of the runs about half slower. */
    private static final double SCATTER = Math.sqrt(0.15 * 0.15 + 0.08 * 0.92 * 0.4 * 0.4);
    /** Of a 95th percentile over that of a mean, on such a mixture. */
    private static final double TAIL_SCATTER = 3;
    private static final double WANDER = 0.015;
    private static final double FAILURE_RATE = 0.002;

    /**
     * What a rollout really does.
     *
     * @param judged change of what the criterion judges
     * @param guarding of what guards
     */
    private record Truth(Criterion criterion, double judged, double guarding) {
        StagedOptions options() {
            return StagedOptions.defaults().judging(criterion, Math.log(1.25));
        }
    }

    private enum End { COMPLETE, ROLLED_BACK, HELD }

    /** @param stage the last one entered */
    private record Outcome(End end, Stage stage) {}

    @Test
    void aNeutralChangeIsTakenBackInAtMostTwoOfAHundredRollouts() {
        mostlyGoesThrough(rollouts(2000, new Truth(Criterion.LATENCY, 0, 0), 11));
    }

    @Test
    void aRegressionOfFivePercentIsTakenBackBeforeAQuarterHasIt() {
        isCaughtEarly(rollouts(2000, new Truth(Criterion.LATENCY, Math.log(1.05), 0), 12));
    }

    @Test
    void whatIsNeutralInEnergyIsLeftAloneThoughItIsSlowerWithinTheGuard() {
        mostlyGoesThrough(rollouts(2000, new Truth(Criterion.ENERGY, 0, Math.log(1.1)), 13));
    }

    @Test
    void aRegressionOfFivePercentInEnergyIsTakenBackBeforeAQuarterHasItThoughItIsFaster() {
        isCaughtEarly(rollouts(2000, new Truth(Criterion.ENERGY, Math.log(1.05), Math.log(0.8)), 14));
    }

    @Test
    void noEnergySavedPaysForALatencyBeyondTheGuard() {
        List<Outcome> outcomes = rollouts(300, new Truth(Criterion.ENERGY, Math.log(0.7), Math.log(1.5)), 15);
        assertTrue(outcomes.stream().allMatch(o -> o.end() == End.ROLLED_BACK && o.stage().compareTo(Stage.QUARTER) < 0),
                outcomes::toString);
    }

    private static void mostlyGoesThrough(List<Outcome> outcomes) {
        long back = outcomes.stream().filter(o -> o.end() == End.ROLLED_BACK).count();
        long complete = outcomes.stream().filter(o -> o.end() == End.COMPLETE).count();
        assertTrue(back <= 0.02 * outcomes.size(), back + " of " + outcomes.size() + " were taken back");
        assertTrue(complete >= 0.9 * outcomes.size(), complete + " of " + outcomes.size() + " went through");
    }

    private static void isCaughtEarly(List<Outcome> outcomes) {
        long caught = outcomes.stream().filter(o -> o.end() == End.ROLLED_BACK && o.stage().compareTo(Stage.QUARTER) < 0).count();
        assertTrue(caught >= 0.99 * outcomes.size(), caught + " of " + outcomes.size() + " were caught");
    }

    private List<Outcome> rollouts(int count, Truth truth, long seed) {
        List<Outcome> outcomes = new ArrayList<>(count);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            outcomes.add(rollout(truth, random.split()));
        }
        return outcomes;
    }

    private Outcome rollout(Truth truth, SplittableRandom random) {
        StagedRollout rollout = new StagedRollout(truth.options(), DEVICES);
        StagedRollout.Step step = rollout.onShadow(true);
        while (rollout.stage() == Stage.SHADOW) {
            step = rollout.onShadow(true);
        }
        while (step instanceof StagedRollout.Step.Enter) {
            step = stage(rollout, truth, random);
        }
        if (step instanceof StagedRollout.Step.Complete) {
            return new Outcome(End.COMPLETE, rollout.stage());
        }
        return new Outcome(step instanceof StagedRollout.Step.Restore ? End.ROLLED_BACK : End.HELD, rollout.stage());
    }

    private static StagedRollout.Step stage(StagedRollout rollout, Truth truth, SplittableRandom random) {
        int members = Math.min(rollout.stage().members(DEVICES), SAMPLE);
        int control = Math.min(DEVICES - rollout.stage().members(DEVICES), SAMPLE);
        int devices = members + control;
        double[] own = new double[devices];
        double[] meanBefore = new double[devices];
        double[] tailBefore = new double[devices];
        double[] ownGuard = new double[devices];
        double[] guardBefore = new double[devices];
        double before = SCATTER / Math.sqrt(INFERENCES_BEFORE);
        for (int i = 0; i < devices; i++) {
            own[i] = (i < members ? truth.judged() : 0) + WANDER * random.nextGaussian();
            // What was measured before is noise that all looks share.
            meanBefore[i] = before * random.nextGaussian();
            tailBefore[i] = TAIL_SCATTER * before * random.nextGaussian();
            ownGuard[i] = (i < members ? truth.guarding() : 0) + WANDER * random.nextGaussian();
            guardBefore[i] = before * random.nextGaussian();
        }
        double[] meanSum = new double[devices];
        double[] tailSum = new double[devices];
        double[] guardSum = new double[devices];
        double perLook = SCATTER / Math.sqrt(INFERENCES_A_LOOK);
        StagedRollout.Step step = new StagedRollout.Step.Wait("not looked yet", null);
        for (int look = 1; look <= LOOKS && step instanceof StagedRollout.Step.Wait; look++) {
            double drift = 0.1 * Math.sin(look / 10.0);
            LookTally tally = new LookTally();
            for (int i = 0; i < devices; i++) {
                meanSum[i] += own[i] + drift + perLook * random.nextGaussian();
                tailSum[i] += own[i] + drift + TAIL_SCATTER * perLook * random.nextGaussian();
                guardSum[i] += ownGuard[i] + drift + perLook * random.nextGaussian();
                tally.add(i < members, true, true, true, random.nextDouble() < FAILURE_RATE, new LookTally.Own(
                        Optional.of(new DeviceChange(meanSum[i] / look - meanBefore[i], tailSum[i] / look - tailBefore[i])),
                        OptionalDouble.of(guardSum[i] / look - guardBefore[i]), false));
            }
            step = rollout.onLook(tally.members(), tally.control(), false);
        }
        return step;
    }
}
