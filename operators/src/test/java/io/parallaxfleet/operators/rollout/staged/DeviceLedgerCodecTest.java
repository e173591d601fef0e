package io.parallaxfleet.operators.rollout.staged;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.decode.SequenceWindow;
import io.parallaxfleet.operators.decode.SequenceWindowCodec;
import io.parallaxfleet.operators.fit.DelegationContrast;
import io.parallaxfleet.operators.fit.DelegationContrastCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a device's ledger takes in state, and that nothing is lost there. */
class DeviceLedgerCodecTest {
    private static final ClassKey BOARD = new ClassKey("board", false);
    private static final long BASELINE = 5;
    private static final long NOON = 1_780_000_000_000L;
    private static final Trial TRIAL = new Trial("board-epoch-6", 6, BASELINE, 1000, NOON);
    private static final String METER = "rapl";

    private final SplittableRandom random = new SplittableRandom(4);
    private DeviceLedger ledger = new DeviceLedger();

    @Nested
    class Bytes {
        @Test
        void ofADeviceAreAtMostTwoHundredAndNinetyHoweverManyModelsItRuns() throws IOException {
            ledger.judgeBy(Criterion.BALANCED);
            for (int model = 0; model < 12; model++) {
                before(model, 5000, true);
                since(model, 5000, true);
            }
            assertTrue(bytes(ledger).length <= 290, bytes(ledger).length + " bytes");
        }

        @Test
        void betweenTrialsAreHalfOfThoseInOne() throws IOException {
            before(0, 500, true);
            int between = bytes(ledger).length;
            since(0, 500, true);

            assertTrue(between <= 52, between + " bytes");
            assertTrue(bytes(ledger).length <= 72, bytes(ledger).length + " bytes");
        }

        @Test
        void withItsSessionOfThreeModelsThatAreMeteredAreAtMostThreeHundredBetweenTrials() throws IOException {
            for (int model = 0; model < 3; model++) {
                before(model, 500, true);
            }
            assertTrue(bytes(ledger).length + session(3) <= 300, bytes(ledger).length + session(3) + " bytes");
        }

        @Test
        void withItsSessionOfThreeModelsThatAreNotMeteredAreAtMostThreeHundredInATrialToo() throws IOException {
            for (int model = 0; model < 3; model++) {
                before(model, 500, false);
                since(model, 500, false);
            }
            assertTrue(bytes(ledger).length + session(3) <= 300, bytes(ledger).length + session(3) + " bytes");
        }

        // With what is remembered of runs without delegation, the time of its last use and the keys of both, of a device with a long name.
        private static int session(int models) throws IOException {
            SequenceWindow seen = new SequenceWindow();
            for (long sequence = 1_000_000; sequence < 1_005_000; sequence++) {
                seen.admit(sequence);
            }
            DelegationContrast contrast = new DelegationContrast();
            for (int model = 0; model < models; model++) {
                for (int run = 0; run < 1000; run++) {
                    contrast.addBaseline("model-" + model, 5_000_000 + 1000 * run);
                }
            }
            String device = "livingroom-0123456789";
            String keys = "m" + BOARD.deviceClass() + "/" + device + device + "/0123456789abcdef";
            return saved(new SequenceWindowCodec(), seen).length + saved(new DelegationContrastCodec(), contrast).length + 3 + Long.BYTES
                    + keys.length();
        }
    }

    @Test
    void whatIsRestoredSaysTheSame() throws IOException {
        ledger.judgeBy(Criterion.BALANCED);
        ledger.addPast(new DeviceInference(BOARD, "device", "model-0", BASELINE, false, DeviceInference.Outcome.FAILED, 0), NOON - 1000);
        before(0, 500, true);
        before(1, 30, true);
        since(0, 300, true);
        LookTally.Own before = ledger.own();

        DeviceLedger restored = read(bytes(ledger));

        assertEquals(before, restored.own());
        assertEquals(Criterion.BALANCED, restored.criterion);
        assertEquals(NOON - 1000, restored.failedInPastMillis);
        assertTrue(restored.ranSince);
        assertArrayEquals(bytes(ledger), bytes(restored));
    }

    @Test
    void whatIsRestoredBetweenTrialsGoesOnAsItWould() throws IOException {
        before(0, 500, false);
        ledger = read(bytes(ledger));
        since(0, 300, false);

        assertEquals(Math.log(1.1), ledger.change().orElseThrow().meanChange(), 0.03);
    }

    @Test
    void aCopySaysTheSameAndGoesItsOwnWay() throws IOException {
        ledger.judgeBy(Criterion.BALANCED);
        before(0, 500, true);
        since(0, 500, true);
        byte[] saved = bytes(ledger);
        DeviceLedger copy = ledger.copy();

        assertArrayEquals(saved, bytes(copy));
        since(0, 10, true);
        assertArrayEquals(saved, bytes(copy));
    }

    @Test
    void aLedgerOfTheSecondVersionCanBeRead() throws IOException {
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(saved);
        out.writeByte(2);
        out.writeLong(BASELINE);
        out.writeLong(TRIAL.epoch());
        out.writeInt(0);
        out.writeInt((int) (NOON / 1000) - 60);
        out.writeInt((int) (NOON / 1000));
        out.writeByte(1 | 8 | 16 | Criterion.ENERGY.code() << 5);
        out.writeInt(METER.hashCode());
        out.writeByte(1);
        writeModelOfVersion2(out);

        DeviceLedger restored = read(saved.toByteArray());

        assertEquals(TRIAL.epoch(), restored.trialEpoch);
        assertEquals(NOON - 60_000, restored.failedInPastMillis);
        assertEquals(Criterion.ENERGY, restored.criterion);
        assertEquals(-0.5, restored.change().orElseThrow().meanChange(), 1e-6);
        assertEquals(0.25, restored.guardChange().orElseThrow(), 1e-6);
    }

    private static void writeModelOfVersion2(DataOutputStream out) throws IOException {
        out.writeInt("model-0".hashCode());
        out.writeFloat(10);
        out.writeFloat(0.1f);
        out.writeShort(140);
        out.writeShort(100);
        out.writeFloat(10);
        writeShorts(out, 22, 7, 1, 0);
        out.writeShort(100);
        out.writeFloat(9.5f);
        writeShorts(out, 5, 1, 0, 0);
        out.writeByte(100);
        out.writeFloat(16);
        out.writeByte(50);
        out.writeFloat(16.25f);
    }

    private static void writeShorts(DataOutputStream out, int... values) throws IOException {
        for (int value : values) {
            out.writeShort(value);
        }
    }

    private void before(int model, int times, boolean metered) {
        for (int i = 0; i < times; i++) {
            ledger.addPast(run(model, BASELINE, 1, metered), NOON - 60_000 + i);
        }
    }

    private void since(int model, int times, boolean metered) {
        for (int i = 0; i < times; i++) {
            ledger.addDuring(TRIAL, true, run(model, TRIAL.epoch(), 1.1, metered), NOON + i);
        }
    }

    private DeviceInference run(int model, long epoch, double slower, boolean metered) {
        Optional<DeviceInference.Energy> energy = metered
                ? Optional.of(new DeviceInference.Energy(METER, Math.round(20e3 * Math.exp(0.15 * random.nextGaussian()))))
                : Optional.empty();
        return new DeviceInference(BOARD, "device", "model-" + model, epoch, false, DeviceInference.Outcome.MEASURED,
                Math.round(10e6 * slower * Math.exp(0.15 * random.nextGaussian())), energy.orElse(null));
    }

    private static byte[] bytes(DeviceLedger ledger) throws IOException {
        return saved(new DeviceLedgerCodec(), ledger);
    }

    private static <T> byte[] saved(BinaryCodec<T> codec, T value) throws IOException {
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        codec.write(value, new DataOutputStream(saved));
        return saved.toByteArray();
    }

    private static DeviceLedger read(byte[] bytes) throws IOException {
        return new DeviceLedgerCodec().read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
