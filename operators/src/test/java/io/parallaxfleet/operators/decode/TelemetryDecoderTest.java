package io.parallaxfleet.operators.decode;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.registry.UnknownSchemaException;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class TelemetryDecoderTest {
    private static final String TOPIC = "parallax.telemetry";

    private final ListRegistry registry = new ListRegistry();
    private final TelemetryDecoder decoder =
            new TelemetryDecoder(registry, Clock.fixed(Telemetry.NOW, ZoneOffset.UTC));

    @Test
    void whatWasWrittenIsDecoded() {
        DecodeResult.Decoded decoded = assertInstanceOf(DecodeResult.Decoded.class, decode(framed(Telemetry.good())));

        assertEquals(Telemetry.good(), decoded.inference().toTelemetry());
        assertEquals(Telemetry.NOW.minusSeconds(1).toEpochMilli(), decoded.eventTimeMillis());
    }

    @Test
    void aClockThatRunsAheadDoesNotMoveEventTimeIntoTheFuture() {
        InferenceTelemetry ahead = Telemetry.good();
        ahead.setTimestamp(Telemetry.NOW.plus(Duration.ofMinutes(30)));

        DecodeResult.Decoded decoded = assertInstanceOf(DecodeResult.Decoded.class, decode(framed(ahead)));

        assertEquals(Telemetry.NOW.toEpochMilli(), decoded.eventTimeMillis());
    }

    @Test
    void aDeadLetterSaysWhereTheRecordStandsAndWhy() {
        DeadLetter letter = dead(new byte[] {7, 7, 7, 7, 7, 7});

        assertEquals(TOPIC, letter.getTopic());
        assertEquals(2, letter.getPartition());
        assertEquals(77, letter.getOffset());
        assertTrue(letter.getReason().contains("0x07"), letter.getReason());
    }

    @Test
    void theBytesOfADeadLetterAreKeptUpToTheLimit() {
        byte[] huge = new byte[TelemetryDecoder.KEPT_BYTES + 10];
        Arrays.fill(huge, (byte) 9);

        DeadLetter letter = dead(huge);

        assertEquals(huge.length, letter.getValueBytes());
        assertArrayEquals(Arrays.copyOf(huge, TelemetryDecoder.KEPT_BYTES), letter.getValue().array());
    }

    @Test
    void everyTruncationOfAGoodRecordIsADeadLetter() {
        byte[] good = framed(Telemetry.good());

        for (int length = 0; length < good.length; length++) {
            assertInstanceOf(DecodeResult.Undecodable.class, decode(Arrays.copyOf(good, length)), "cut to " + length + " bytes");
        }
    }

    @Test
    void aRecordOfAnotherTypeIsADeadLetter() {
        ThresholdAck ack = ThresholdAck.newBuilder().setDeviceId("d").setDeviceClass("c").setSimulated(false).setEpoch(1)
                .setRolloutId("r").setOutcome(AckOutcome.APPLIED).setPlans(List.of()).setTimestamp(Telemetry.NOW).build();

        DeadLetter letter = dead(new AvroRecordSerializer<ThresholdAck>(registry).serialize(TOPIC, ack));

        assertTrue(letter.getReason().contains("ThresholdAck"), letter.getReason());
    }

    @Test
    void anUnknownSchemaIdIsADeadLetter() {
        DeadLetter letter = dead(new byte[] {0, 0, 0, 3, 9, 1, 2, 3});

        assertTrue(letter.getReason().contains("777"), letter.getReason());
    }

    @Test
    void aTombstoneIsADeadLetter() {
        assertTrue(dead(null).getReason().contains("no value"));
    }

    @Test
    void aRecordThatBreaksARuleIsADeadLetter() {
        InferenceTelemetry negative = Telemetry.good();
        negative.setLatencyNanos(-1);

        assertTrue(dead(framed(negative)).getReason().contains("latencyNanos is -1"));
    }

    @Test
    void aRegistryThatIsDownIsNotTheRecordsFault() {
        byte[] good = framed(Telemetry.good());
        registry.down = true;

        assertThrows(SchemaRegistryException.class, () -> decode(good));
    }

    private byte[] framed(InferenceTelemetry telemetry) {
        return new AvroRecordSerializer<InferenceTelemetry>(registry).serialize(TOPIC, telemetry);
    }

    private DecodeResult decode(byte[] value) {
        return decoder.decode(new RawRecord(TOPIC, 2, 77, Telemetry.NOW.toEpochMilli(), value));
    }

    private DeadLetter dead(byte[] value) {
        return assertInstanceOf(DecodeResult.Undecodable.class, decode(value)).letter();
    }

    /** Ids are positions in a list; can be taken down. */
    private static final class ListRegistry implements SchemaRegistry {
        private final List<Schema> schemas = new ArrayList<>();
        private boolean down;

        @Override
        public int register(String subject, Schema schema) {
            if (!schemas.contains(schema)) {
                schemas.add(schema);
            }
            return schemas.indexOf(schema);
        }

        @Override
        public Schema byId(int id) {
            if (down) {
                throw new SchemaRegistryException("the registry is down");
            }
            if (id >= schemas.size()) {
                throw new UnknownSchemaException(id);
            }
            return schemas.get(id);
        }
    }
}
