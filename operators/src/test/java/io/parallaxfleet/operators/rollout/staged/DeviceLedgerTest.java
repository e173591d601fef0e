package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeviceLedgerTest {
    private final SplittableRandom random = new SplittableRandom(4);
    private final DeviceLedger ledger = new DeviceLedger();

    @Test
    void aDeviceIsComparedWithItsOwnPast() {
        before("model", 10e6, 1000);
        since("model", 12e6, 1000);

        DeviceChange change = ledger.change(true).orElseThrow();
        assertTrue(change.member());
        assertEquals(Math.log(1.2), change.meanChange(), 0.02);
        assertEquals(Math.log(1.2), change.tailChange(), 0.05);
    }

    @Test
    void anotherMixOfModelsIsNoChange() {
        before("light", 1e6, 900);
        before("heavy", 100e6, 100);
        since("light", 1e6, 100);
        since("heavy", 100e6, 900);

        assertEquals(0, ledger.change(false).orElseThrow().meanChange(), 0.02);
    }

    @Test
    void aModelThatIsKnownOnOneSideOnlyDoesNotCount() {
        before("gone", 5e6, 1000);
        since("fresh", 50e6, 1000);

        assertEquals(Optional.empty(), ledger.change(true));
    }

    @Test
    void aHandfulOfInferencesSaysNothing() {
        before("model", 10e6, 1000);
        since("model", 20e6, DeviceLedger.MIN_INFERENCES - 1);

        assertEquals(Optional.empty(), ledger.change(true));
        assertTrue(ledger.reported());
    }

    @Test
    void aDeviceThatJoinedLateHasNoPast() {
        since("model", 10e6, 1000);

        assertFalse(ledger.hasPast());
        assertEquals(Optional.empty(), ledger.change(true));
    }

    private void before(String model, double nanos, int times) {
        for (int i = 0; i < times; i++) {
            ledger.addBefore(model, Math.round(nanos * Math.exp(0.15 * random.nextGaussian())));
        }
    }

    private void since(String model, double nanos, int times) {
        for (int i = 0; i < times; i++) {
            ledger.addSince(model, Math.round(nanos * Math.exp(0.15 * random.nextGaussian())));
        }
    }
}
