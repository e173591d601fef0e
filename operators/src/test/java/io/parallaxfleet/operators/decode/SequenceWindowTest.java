package io.parallaxfleet.operators.decode;

import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.DUPLICATE;
import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.NEW;
import static io.parallaxfleet.operators.decode.SequenceWindow.Admission.TOO_OLD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HashSet;
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
    void aSavedWindowRemembers() throws IOException {
        SequenceWindow window = new SequenceWindow();
        window.admit(70);
        window.admit(72);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SequenceWindowCodec().write(window, new DataOutputStream(bytes));

        SequenceWindow restored =
                new SequenceWindowCodec().read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

        assertEquals(DUPLICATE, restored.admit(70));
        assertEquals(NEW, restored.admit(71));
        assertEquals(DUPLICATE, restored.admit(72));
    }
}
