package io.parallaxfleet.operators.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.operators.decode.SequenceWindow;
import io.parallaxfleet.operators.decode.Telemetry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionCodecTest {
    @Test
    void aRestoredSessionKnowsWhatItSawAndWhatWaits() throws IOException {
        Session session = new Session();
        session.seen.admit(41);
        session.await(RawInference.of(Telemetry.good()));
        session.contrast().addBaseline("model", 5);

        Session restored = read(bytes(session));

        assertEquals(SequenceWindow.Admission.DUPLICATE, restored.seen.admit(41));
        assertEquals(SequenceWindow.Admission.NEW, restored.seen.admit(42));
        assertEquals(List.copyOf(session.waiting), List.copyOf(restored.waiting));
        assertTrue(restored.contrast != null);
    }

    @Test
    void aSessionThatLostNothingTakesLessThanSixteenBytes() throws IOException {
        Session session = new Session();
        for (long sequence = 1_000_000; sequence < 1_005_000; sequence++) {
            session.seen.admit(sequence);
        }

        assertTrue(bytes(session).length < 16, bytes(session).length + " bytes");
    }

    @Test
    void eachModelThatADeviceRunsWithoutDelegationTakesTwentySixBytesMoreAtMost() throws IOException {
        Session session = new Session();
        session.seen.admit(7);
        int before = bytes(session).length;
        for (int run = 0; run < 1000; run++) {
            session.contrast().addBaseline("0123456789abcdef0123456789abcdef input:1x3x224x224", 5_000_000 + run);
        }

        assertTrue(bytes(session).length - before <= 26, bytes(session).length - before + " bytes");
    }

    private static byte[] bytes(Session session) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new SessionCodec().write(session, new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static Session read(byte[] bytes) throws IOException {
        return new SessionCodec().read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }
}
