package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a device says of its energy, beside or in the place of its latency. */
class EnergyLedgerTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final long BASELINE = 5;
    private static final long NOON = 1_780_000_000_000L;
    private static final Trial TRIAL = new Trial("board-epoch-6", 6, BASELINE, 1000, NOON);
    private static final String METER = "rapl";

    private final SplittableRandom random = new SplittableRandom(4);
    private DeviceLedger ledger = new DeviceLedger();

    @Test
    void itsOwnChangeIsThatOfItsEnergyAndItsLatencyGuards() {
        ledger.judgeBy(Criterion.ENERGY);
        metered(METER, 1, 1, false);
        metered(METER, 1.2, 0.7, true);

        assertEquals(Math.log(0.7), ledger.change().orElseThrow().meanChange(), 0.02);
        assertEquals(Math.log(1.2), ledger.guardChange().orElseThrow(), 0.03);
    }

    @Test
    void bothCountWhereTheObjectiveIsBalanced() {
        ledger.judgeBy(Criterion.BALANCED);
        metered(METER, 1, 1, false);
        metered(METER, 1.2, 0.7, true);

        assertEquals(Math.log(1.2 * 0.7), ledger.change().orElseThrow().meanChange(), 0.03);
        assertEquals(Math.log(1.2), ledger.guardChange().orElseThrow(), 0.03);
    }

    @Test
    void energyGuardsLatencyWhereItIsMetered() {
        metered(METER, 1, 1, false);
        metered(METER, 0.8, 1.5, true);

        assertEquals(Math.log(0.8), ledger.change().orElseThrow().meanChange(), 0.02);
        assertEquals(Math.log(1.5), ledger.guardChange().orElseThrow(), 0.03);
    }

    @Test
    void energyThatIsUnavailableIsNoChangeAndNotNone() {
        ledger.judgeBy(Criterion.ENERGY);
        metered(METER, 1, 1, false);
        for (int i = 0; i < 200; i++) {
            ledger.addDuring(TRIAL, true, metered("model", METER, TRIAL.epoch(), 1, 1).withoutEnergy(), NOON + i);
        }

        assertEquals(Optional.empty(), ledger.change());
        LookTally tally = new LookTally();
        ledger.look(new ClassEpochs(BASELINE, Optional.of(TRIAL)), "device", tally);
        GroupLook members = tally.members();
        assertEquals(1, members.unmetered());
        assertEquals(0, members.measured());
    }

    @Test
    void joulesOfAnotherMeterAreOtherJoules() {
        ledger.judgeBy(Criterion.ENERGY);
        metered(METER, 1, 1, false);
        metered("cpu-time-model", 1, 0.5, true);

        assertEquals(Optional.empty(), ledger.change());
    }

    @Test
    void aDeviceThatGetsAnotherMeterBeginsANewPast() {
        ledger.judgeBy(Criterion.ENERGY);
        metered("cpu-time-model", 1, 3, false);
        metered(METER, 1, 1, false);
        metered(METER, 1, 0.8, true);

        assertEquals(Math.log(0.8), ledger.change().orElseThrow().meanChange(), 0.02);
    }

    @Test
    void whatWasMeasuredByAnotherCriterionIsNoPast() {
        metered(METER, 1, 1, false);
        ledger.judgeBy(Criterion.ENERGY);
        metered(METER, 1, 1, true);

        assertEquals(Optional.empty(), ledger.change());
    }

    private void metered(String meter, double latency, double energy, boolean trial) {
        for (int i = 0; i < 500; i++) {
            DeviceInference run = metered("model", meter, trial ? TRIAL.epoch() : BASELINE, latency, energy);
            if (trial) {
                ledger.addDuring(TRIAL, true, run, NOON + i);
            } else {
                ledger.addPast(run, NOON - 60_000 + i);
            }
        }
    }

    private DeviceInference metered(String model, String meter, long epoch, double latency, double energy) {
        return new DeviceInference(BOARD, "device", model, epoch, false, DeviceInference.Outcome.MEASURED,
                Math.round(10e6 * latency * Math.exp(0.15 * random.nextGaussian())),
                new DeviceInference.Energy(meter, Math.round(20e3 * energy * Math.exp(0.15 * random.nextGaussian()))));
    }
}
