package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DeviceLedgerTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final long BASELINE = 5;
    private static final long NOON = 1_780_000_000_000L;
    private static final Trial TRIAL = new Trial("board-epoch-6", 6, BASELINE, 250, NOON);
    private static final ClassEpochs DURING = new ClassEpochs(BASELINE, Optional.of(TRIAL));
    private static final String MEMBER = device(true);
    private static final String CONTROL = device(false);

    private final SplittableRandom random = new SplittableRandom(4);
    private DeviceLedger ledger = new DeviceLedger();

    @Nested
    class Change {
        @Test
        void aMemberIsComparedWithItsOwnPast() {
            before("model", 10e6, 1000);
            since("model", true, 12e6, 1000);

            DeviceChange change = ledger.change().orElseThrow();
            assertEquals(Math.log(1.2), change.meanChange(), 0.02);
            assertEquals(Math.log(1.2), change.tailChange(), 0.06);
        }

        @Test
        void aTailThatGrowsAloneShowsInTheTailAlone() {
            before("model", 10e6, 1000);
            for (int i = 0; i < 1000; i++) {
                double slow = i % 10 == 0 ? Math.log(1.6) : 0;
                ledger.addDuring(TRIAL, true, run("model", TRIAL.epoch(), 10e6 * Math.exp(slow + 0.15 * random.nextGaussian())), NOON + i);
            }

            DeviceChange change = ledger.change().orElseThrow();
            assertEquals(0.05, change.meanChange(), 0.02);
            assertTrue(change.tailChange() > 0.15, change::toString);
        }

        @Test
        void whatMovesBeyondTheEdgesMovesTheTailToo() {
            before("faster", 10e6, 1000);
            since("faster", true, 4e6, 1000);
            assertEquals(Math.log(0.4), ledger.change().orElseThrow().tailChange(), 0.1);

            ledger = new DeviceLedger();
            before("slower", 10e6, 1000);
            since("slower", true, 25e6, 1000);
            assertEquals(Math.log(2.5), ledger.change().orElseThrow().tailChange(), 0.1);
        }

        @Test
        void anotherMixOfModelsIsNoChange() {
            before("light", 1e6, 900);
            before("heavy", 100e6, 100);
            since("light", false, 1e6, 100);
            since("heavy", false, 100e6, 900);

            assertEquals(0, ledger.change().orElseThrow().meanChange(), 0.02);
        }

        @Test
        void aModelThatIsKnownOnOneSideOnlyDoesNotCount() {
            before("gone", 5e6, 1000);
            since("fresh", false, 50e6, 1000);

            assertEquals(Optional.empty(), ledger.change());
        }

        @Test
        void aHandfulOfRunsSaysNothing() {
            before("model", 10e6, 1000);
            since("model", true, 20e6, ModelLedger.MIN_RUNS - 1);

            assertEquals(Optional.empty(), ledger.change());
        }

        @Test
        void aDeviceThatLiesByAThousandMovesItsGroupByABoundedStep() {
            before("model", 10e6, 200);
            since("model", true, 10e9, 200);

            assertEquals(DeviceLedger.MAX_CHANGE, ledger.change().orElseThrow().meanChange(), 1e-9);
        }

        @Test
        void aLongPastStillSaysWhatItsRunsSaid() {
            before("model", 10e6, 3 * ModelLedger.MAX_RUNS_BEFORE);
            since("model", true, 11e6, 2 * ModelLedger.MAX_RUNS_SINCE);

            assertEquals(Math.log(1.1), ledger.change().orElseThrow().meanChange(), 0.02);
            assertEquals(Math.log(1.1), ledger.change().orElseThrow().tailChange(), 0.06);
        }
    }

    @Nested
    class Sides {
        @Test
        void whatATaskThatIsBehindHearsOfTheTimeBeforeIsPast() {
            for (int i = 0; i < 200; i++) {
                ledger.addDuring(TRIAL, true, run("model", BASELINE, 10e6 * Math.exp(0.15 * random.nextGaussian())), NOON - 200 + i);
            }
            since("model", true, 12e6, 1000);

            assertEquals(Math.log(1.2), ledger.change().orElseThrow().meanChange(), 0.04);
        }

        @Test
        void whatAMemberStillRunsUnderTheOldEpochIsNoSince() {
            before("model", 10e6, 100);
            ledger.addDuring(TRIAL, true, run("model", BASELINE, 10e6), NOON + 1);

            assertEquals(0, look(DURING, MEMBER).members().reporting());
        }

        @Test
        void whatTheControlRanBeforeTheStageIsNoSince() {
            before("model", 10e6, 100);
            ledger.addDuring(TRIAL, false, run("model", BASELINE, 10e6), NOON - 1);

            assertEquals(0, look(DURING, CONTROL).control().reporting());
        }

        @Test
        void aNewStageBeginsANewSince() {
            before("model", 10e6, 100);
            since("model", true, 20e6, 100);
            Trial next = new Trial(TRIAL.rolloutId(), 7, BASELINE, 500, NOON + 1000);

            LookTally tally = look(new ClassEpochs(BASELINE, Optional.of(next)), MEMBER);

            assertEquals(1, tally.members().withPast());
            assertEquals(0, tally.members().reporting());
            assertEquals(0, tally.members().measured());
        }

        @Test
        void aDeviceThatJoinedLateHasNoPast() {
            since("model", false, 10e6, 1000);

            LookTally tally = look(DURING, CONTROL);
            assertEquals(0, tally.control().withPast());
            assertEquals(0, tally.control().measured());
            assertEquals(1, tally.control().ran());
        }

        @Test
        void newThresholdsForAllBeginANewPast() {
            before("model", 10e6, 1000);
            ledger.addPast(run("model", BASELINE + 3, 10e6), NOON);

            assertEquals(0, look(new ClassEpochs(BASELINE + 3, Optional.empty()), CONTROL).control().withPast());
        }

        @Test
        void whatComesLateFromAnEarlierEpochIsNoPast() {
            before("model", 10e6, 1000);
            ledger.addPast(run("model", BASELINE - 1, 10e6), NOON);

            assertEquals(1, look(new ClassEpochs(BASELINE, Optional.empty()), CONTROL).control().withPast());
        }
    }

    @Nested
    class Failures {
        @Test
        void aFailureCountsInTheLookAfterIt() {
            before("model", 10e6, 100);
            fail(true);

            assertEquals(1, look(DURING, MEMBER).members().failing());
            assertEquals(0, look(DURING, MEMBER).members().ran());
        }

        @Test
        void aDeviceThatFailedBeforeIsNoEvidence() {
            ledger.addPast(failure(BASELINE), NOON - 1000);
            fail(true);

            assertEquals(0, look(DURING, MEMBER).members().ran());
        }

        @Test
        void aFailureLongAgoIsForgotten() {
            ledger.addPast(failure(BASELINE), NOON - Duration.ofDays(2).toMillis());
            fail(true);

            assertEquals(1, look(DURING, MEMBER).members().failing());
        }

        @Test
        void failuresUnderThresholdsForAllCountAgainstThoseBefore() {
            before("model", 10e6, 100);
            ledger.addPast(failure(BASELINE + 1), NOON);

            assertEquals(1, look(new ClassEpochs(BASELINE + 1, Optional.empty()), CONTROL).control().failing());
        }

        private void fail(boolean member) {
            ledger.addDuring(TRIAL, member, failure(TRIAL.epoch()), NOON + 1);
        }
    }

    @Test
    void aSilentDeviceIsNotWrittenAgainAtEveryLook() {
        before("model", 10e6, 100);
        look(DURING, MEMBER);

        assertFalse(ledger.look(DURING, MEMBER, new LookTally()));
    }

    private LookTally look(ClassEpochs epochs, String device) {
        LookTally tally = new LookTally();
        ledger.look(epochs, device, tally);
        return tally;
    }

    private void before(String model, double nanos, int times) {
        for (int i = 0; i < times; i++) {
            ledger.addPast(run(model, BASELINE, nanos * Math.exp(0.15 * random.nextGaussian())), NOON - 60_000 + i);
        }
    }

    private void since(String model, boolean member, double nanos, int times) {
        for (int i = 0; i < times; i++) {
            ledger.addDuring(TRIAL, member, run(model, member ? TRIAL.epoch() : BASELINE,
                    nanos * Math.exp(0.15 * random.nextGaussian())), NOON + i);
        }
    }

    private static DeviceInference run(String model, long epoch, double nanos) {
        return new DeviceInference(BOARD, "device", model, epoch, false, DeviceInference.Outcome.MEASURED, Math.round(nanos));
    }

    private static DeviceInference failure(long epoch) {
        return new DeviceInference(BOARD, "device", "model", epoch, false, DeviceInference.Outcome.FAILED, 0);
    }

    private static String device(boolean member) {
        int n = 0;
        while (TRIAL.includes("device-" + n) != member) {
            n++;
        }
        return "device-" + n;
    }
}
