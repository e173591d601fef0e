package io.parallaxfleet.operators.decode;

import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.DUPLICATE;
import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.NEW;
import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.TOO_OLD;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SequenceWindowTest {
    @Test
    void aNumberIsNewOnce() {
        SequenceWindow window = new SequenceWindow();

        assertEquals(NEW, window.admit(0));
        assertEquals(DUPLICATE, window.admit(0));
    }

    @Test
    void aGapCanBeFilledLater() {
        SequenceWindow window = new SequenceWindow();
        window.admit(10);

        assertEquals(NEW, window.admit(4));
        assertEquals(DUPLICATE, window.admit(10));
    }

    @Test
    void whatIsBehindTheWindowIsTooOld() {
        SequenceWindow window = new SequenceWindow();
        window.admit(SequenceWindow.SPAN);

        assertEquals(TOO_OLD, window.admit(0));
        assertEquals(NEW, window.admit(1));
    }

    @Test
    void aJumpFarAheadForgetsEverything() {
        SequenceWindow window = new SequenceWindow();
        window.admit(3);
        window.admit(3 + 5L * SequenceWindow.SPAN);

        assertEquals(NEW, window.admit(2 + 5L * SequenceWindow.SPAN));
    }

    @Test
    void withinTheSpanItAgreesWithASet() {
        SplittableRandom random = new SplittableRandom(1);
        SequenceWindow window = new SequenceWindow();
        Set<Long> seen = new HashSet<>();
        long base = 0;
        for (int i = 0; i < 50_000; i++) {
            base += random.nextInt(3);
            long sequence = Math.max(0, base - random.nextInt(SequenceWindow.SPAN / 2));
            assertEquals(seen.add(sequence) ? NEW : DUPLICATE, window.admit(sequence));
        }
    }

    @Test
    void numbersThatWereSkippedAreMissingUntilTheyCome() {
        SequenceWindow window = new SequenceWindow();
        window.admit(10);
        window.admit(14);
        assertEquals(3, window.missing());

        window.admit(12);

        assertEquals(2, window.missing());
    }

    @Test
    void nothingBeforeTheFirstNumberSeenIsMissing() {
        SequenceWindow window = new SequenceWindow();
        window.admit(1_000);
        window.admit(999);
        window.admit(1_002);

        assertEquals(1, window.missing());
    }

    @Test
    void aRepeatedNumberFillsNoGap() {
        SequenceWindow window = new SequenceWindow();
        window.admit(0);
        window.admit(5);
        window.admit(5);
        window.admit(0);

        assertEquals(4, window.missing());
    }

    @Test
    void aDeviceThatJumpsToTheEndOfAllNumbersMissesABoundedNumber() {
        SequenceWindow window = new SequenceWindow();
        window.admit(0);
        window.admit(Long.MAX_VALUE);

        assertEquals(SequenceWindow.MAX_GAP, window.missing());
    }

    @Test
    void aWindowOfTheFirstVersionCanBeReadAndMissesNothing() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeLong(7);
        for (int word = 0; word < SequenceWindow.SPAN / Long.SIZE; word++) {
            out.writeLong(word == 0 ? 0b1000_0000 : 0);
        }

        SequenceWindow restored =
                new SequenceWindowCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertEquals(0, restored.missing());
        assertEquals(DUPLICATE, restored.admit(7));
        assertEquals(NEW, restored.admit(9));
        assertEquals(1, restored.missing());
    }

    @Test
    void aSavedWindowRemembers() throws IOException {
        SequenceWindow window = new SequenceWindow();
        window.admit(70);
        window.admit(72);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SequenceWindowCodec().write(window, new DataOutputStream(bytes));

        SequenceWindow restored =
                new SequenceWindowCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertEquals(1, restored.missing());
        assertEquals(DUPLICATE, restored.admit(70));
        assertEquals(NEW, restored.admit(71));
        assertEquals(0, restored.missing());
        assertEquals(DUPLICATE, restored.admit(72));
    }

    @Test
    void aWindowOfTheSecondVersionCanBeRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(2);
        out.writeLong(7);
        out.writeLong(5);
        out.writeLong(1);
        for (int word = 0; word < SequenceWindow.SPAN / Long.SIZE; word++) {
            out.writeLong(word == 0 ? 0b1010_0000 : 0);
        }

        SequenceWindow restored =
                new SequenceWindowCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertEquals(DUPLICATE, restored.admit(5));
        assertEquals(NEW, restored.admit(6));
        assertEquals(0, restored.missing());
    }

    @Test
    void whateverCameTheSavedWindowIsTheSame() throws IOException {
        Random random = new Random(11);
        for (int session = 0; session < 300; session++) {
            SequenceWindow window = new SequenceWindow();
            long start = random.nextInt(3) * 1000L;
            int lossPercent = random.nextInt(4) * 20;
            for (int n = 0; n < random.nextInt(3000); n++) {
                if (random.nextInt(100) >= lossPercent) {
                    window.admit(Math.max(0, start + n + random.nextInt(41) - 20));
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new SequenceWindowCodec().write(window, new DataOutputStream(bytes));

            SequenceWindow restored =
                    new SequenceWindowCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

            assertArrayEquals(window.words(), restored.words());
            assertEquals(window.highest(), restored.highest());
            assertEquals(window.first(), restored.first());
            assertEquals(window.missing(), restored.missing());
        }
    }

    @Test
    void aCopyGoesItsOwnWay() {
        SequenceWindow window = new SequenceWindow();
        window.admit(1);
        SequenceWindow copy = window.copy();
        window.admit(2);

        assertEquals(DUPLICATE, copy.admit(1));
        assertEquals(NEW, copy.admit(2));
    }
}
