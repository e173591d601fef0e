package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * The first stage of rollouts through the ledgers that the job keeps, run by run: 20 members and 180 others, whose runs scatter by
 * 15 %, 8 % of them half slower. Devices differ by 10 % in speed, wander by 1.5 % and run at rates of their own; members start late,
 * since they re-plan, so the two groups never have the same number of runs. Energy scatters by another 10 % a run.
 */
class LedgerSimulationTest {
    private static final ClassKey CLASS = new ClassKey("sim-board", true);
    private static final int MEMBERS = 20;
    private static final int DEVICES = 200;
    private static final int LOOKS = 40;
    private static final int ROLLOUTS = 200;
    private static final Trial TRIAL = new Trial("trial", 6, 5, 100, 1);

    private enum End { PROMOTED, TAKEN_BACK, OPEN }

    @Test
    void aNeutralChangeIsHardlyEverTakenBack() {
        long back = ends(Criterion.LATENCY, 0, 0, 21).stream().filter(end -> end == End.TAKEN_BACK).count();

        // 2 % over all stages is promised; one stage has a quarter of that.
        assertTrue(back <= 0.01 * ROLLOUTS, back + " of " + ROLLOUTS + " were taken back");
    }

    @Test
    void aRegressionOfFivePercentIsTakenBackInItsFirstStage() {
        long back = ends(Criterion.LATENCY, Math.log(1.05), 0, 22).stream().filter(end -> end == End.TAKEN_BACK).count();

        assertTrue(back >= 0.99 * ROLLOUTS, back + " of " + ROLLOUTS + " were taken back");
    }

    @Test
    void whatTakesNoMoreEnergyIsHardlyEverTakenBackThoughItIsSlowerWithinTheGuard() {
        long back = ends(Criterion.ENERGY, Math.log(1.1), -Math.log(1.1), 23).stream().filter(end -> end == End.TAKEN_BACK).count();

        assertTrue(back <= 0.01 * ROLLOUTS, back + " of " + ROLLOUTS + " were taken back");
    }

    @Test
    void fivePercentMoreEnergyIsTakenBackInItsFirstStageThoughItIsFaster() {
        long back = ends(Criterion.ENERGY, Math.log(0.8), Math.log(1.05 / 0.8), 24).stream().filter(end -> end == End.TAKEN_BACK).count();

        assertTrue(back >= 0.99 * ROLLOUTS, back + " of " + ROLLOUTS + " were taken back");
    }

    /** @param latency change of the members' @param power change of their energy over their time */
    private static List<End> ends(Criterion criterion, double latency, double power, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<End> ends = new ArrayList<>();
        for (int i = 0; i < ROLLOUTS; i++) {
            ends.add(end(criterion, latency, power, random.split()));
        }
        return ends;
    }

    private static End end(Criterion criterion, double latency, double power, SplittableRandom random) {
        StageJudge judge = new StageJudge(StagedOptions.defaults().judging(criterion, Math.log(1.25)));
        DeviceLedger[] ledgers = new DeviceLedger[DEVICES];
        double[] speed = new double[DEVICES];
        int[] runsALook = new int[DEVICES];
        for (int i = 0; i < DEVICES; i++) {
            ledgers[i] = new DeviceLedger();
            ledgers[i].judgeBy(criterion);
            speed[i] = 0.1 * random.nextGaussian();
            runsALook[i] = 10 + random.nextInt(20);
            for (int n = 0; n < 10 * runsALook[i]; n++) {
                ledgers[i].addPast(run(5, speed[i], 0, random), 0);
            }
            speed[i] += (i < MEMBERS ? latency : 0) + 0.015 * random.nextGaussian();
        }
        int needed = StagedOptions.defaults().neededMembers(DEVICES);
        for (int look = 1; look <= LOOKS; look++) {
            double drift = 0.1 * Math.sin(look / 10.0);
            LookTally tally = new LookTally();
            for (int i = 0; i < DEVICES; i++) {
                boolean member = i < MEMBERS;
                for (int n = member && look == 1 ? runsALook[i] / 2 : 0; n < runsALook[i]; n++) {
                    ledgers[i].addDuring(TRIAL, member, run(member ? 6 : 5, speed[i] + drift, member ? power : 0, random), 2);
                }
                tally.add(member, true, true, true, false, ledgers[i].own());
            }
            StageVerdict verdict = judge.judge(tally.members(), tally.control(), needed, new FailureGuard(0.001));
            if (!(verdict instanceof StageVerdict.Hold)) {
                return verdict instanceof StageVerdict.Promote ? End.PROMOTED : End.TAKEN_BACK;
            }
        }
        return End.OPEN;
    }

    private static DeviceInference run(long epoch, double logSpeed, double logPower, SplittableRandom random) {
        double slow = random.nextDouble() < 0.08 ? Math.log(1.5) : 0;
        double nanos = 10e6 * Math.exp(logSpeed + slow + 0.15 * random.nextGaussian());
        long microjoules = Math.round(2e-3 * nanos * Math.exp(logPower + 0.1 * random.nextGaussian()));
        return new DeviceInference(CLASS, "device", "model", epoch, false, DeviceInference.Outcome.MEASURED, Math.round(nanos),
                new DeviceInference.Energy("rapl", microjoules));
    }
}
