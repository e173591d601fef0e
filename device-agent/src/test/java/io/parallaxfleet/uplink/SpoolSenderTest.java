package io.parallaxfleet.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.thresholds.Updates;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolSenderTest {
    /** A broker that takes what it is told to take. */
    private static final class Broker implements RecordSink {
        private final List<String> keys = new ArrayList<>();
        private int deliveries;
        private int takes = Integer.MAX_VALUE;
        private int refuses;
        private boolean closed;

        @Override
        public synchronized Delivery deliver(List<Outgoing> records) {
            deliveries++;
            int taken = Math.min(takes, records.size());
            records.subList(0, taken).forEach(record -> keys.add(record.key()));
            boolean whole = taken == records.size();
            return new Delivery(taken, refuses, whole && refuses == 0 ? Optional.empty() : Optional.of("no broker answers at x:1"));
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @TempDir
    private Path directory;

    private final Broker broker = new Broker();
    private final ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    private Spool spool;
    private SpoolOutbox outbox;
    private SpoolSender sender;

    @BeforeEach
    void wire() {
        AgentEvents events = new AgentEvents(new PrintStream(new ByteArrayOutputStream()),
                new PrintStream(warnings, true, StandardCharsets.UTF_8), false, Clock.systemUTC());
        spool = Spool.open(directory, Spool.Limits.DEFAULT);
        outbox = new SpoolOutbox(spool, events);
        sender = new SpoolSender(spool, broker, events);
    }

    @AfterEach
    void close() {
        sender.close();
        spool.close();
    }

    private void send(int first, int end) {
        for (int i = first; i < end; i++) {
            outbox.send(Topic.THRESHOLD_ACKS, "key-" + i, ack(i));
        }
    }

    private static ThresholdAck ack(long epoch) {
        return ThresholdAck.newBuilder()
                .setDeviceId(Updates.DEVICE.deviceId())
                .setDeviceClass(Updates.DEVICE.deviceClass())
                .setSimulated(false)
                .setEpoch(epoch)
                .setRolloutId("r")
                .setOutcome(AckOutcome.APPLIED)
                .setPlans(List.of())
                .setTimestamp(Instant.ofEpochMilli(5))
                .build();
    }

    private boolean deliverOnce() {
        return sender.deliver(spool.peek(500));
    }

    private long warningLines() {
        return warnings.toString(StandardCharsets.UTF_8).lines().count();
    }

    @Test
    void recordsArriveOnceAndInOrder() {
        send(0, 3);

        assertTrue(deliverOnce());
        assertEquals(List.of("key-0", "key-1", "key-2"), broker.keys);
        assertEquals(0, spool.pending());
    }

    @Test
    void anOutageLosesNothingAndIsSaidOnce() {
        broker.takes = 0;
        send(0, 3);
        assertFalse(deliverOnce());
        assertFalse(deliverOnce());
        send(3, 5);
        broker.takes = Integer.MAX_VALUE;

        assertTrue(deliverOnce());
        assertEquals(List.of("key-0", "key-1", "key-2", "key-3", "key-4"), broker.keys);
        assertEquals(1, warningLines());
    }

    @Test
    void whatArrivedBeforeTheOutageIsNotSentAgain() {
        broker.takes = 2;
        send(0, 5);
        assertFalse(deliverOnce());
        broker.takes = Integer.MAX_VALUE;
        deliverOnce();

        assertEquals(List.of("key-0", "key-1", "key-2", "key-3", "key-4"), broker.keys);
    }

    @Test
    void aRecordRefusedForGoodIsCountedAndDoesNotBlockTheOthers() {
        broker.refuses = 1;
        send(0, 3);

        assertTrue(deliverOnce());
        assertEquals(1, sender.undeliverable());
        assertEquals(0, spool.pending());
    }

    @Test
    void aRecordOfAnUnknownSchemaIsCountedAndPassedOver() {
        send(0, 1);
        spool.append("written by an agent of another time".getBytes(StandardCharsets.UTF_8));
        send(1, 2);

        assertTrue(deliverOnce());
        assertEquals(List.of("key-0", "key-1"), broker.keys);
        assertEquals(1, sender.undeliverable());
    }

    @Test
    void theThreadEmptiesTheSpoolAndEndsWithItsSink() throws InterruptedException {
        send(0, 100);
        sender.start();
        sender.drain(Duration.ofSeconds(30));

        assertEquals(0, spool.pending());
        sender.close();
        assertTrue(broker.closed);
    }

    @Test
    void recordsThatAreWrittenRightAfterEachOtherGoTogether() throws InterruptedException {
        sender.start();
        for (int i = 0; i < 20; i++) {
            send(i, i + 1);
            Thread.sleep(2);
        }
        sender.drain(Duration.ofSeconds(30));
        sender.close();

        assertEquals(20, broker.keys.size());
        assertTrue(broker.deliveries <= 10, broker.deliveries + " deliveries");
    }

    @Test
    void recordsReadBackEqualWhatWasWritten() {
        OutgoingCodec codec = new OutgoingCodec();
        Outgoing record = new Outgoing(Topic.THRESHOLD_ACKS, "device-1", ack(9));

        assertEquals(Optional.of(record), codec.decode(codec.encode(record)));
    }
}
