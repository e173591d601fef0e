package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The real job on a real broker, and what real fleets send it: partitions nobody writes to, garbage, lies, floods, all of it twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class IngestIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final String TELEMETRY = Topic.TELEMETRY.topicName();
    private static final int FLOOD = 20_000;

    private EmbeddedKafka broker;
    private EmbeddedSchemaRegistry server;
    private KafkaProducer<byte[], byte[]> producer;
    private AvroRecordSerializer<InferenceTelemetry> serializer;
    private LocalFlink flink;
    private TopicCollector<ClassAggregate> aggregates;
    private TopicCollector<DeadLetter> deadLetters;
    private long clockSequence;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        broker = EmbeddedKafka.start();
        Map<String, Object> settings = ConnectionOptions.clientSettings(broker.bootstrapServers());
        server = EmbeddedSchemaRegistry.start(TopicSchemaStore.open(settings, Optional.empty()), 0);
        HttpSchemaRegistry registry = new HttpSchemaRegistry(server.url());
        try (Admin admin = Admin.create(settings)) {
            TopicCatalogue.createMissing(admin, Optional.empty());
        }
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        serializer = new AvroRecordSerializer<>(registry);
        flink = LocalFlink.start(JobOptions.defaults(broker.bootstrapServers(), server.url())
                .withIntervals(Duration.ofSeconds(1), Duration.ofHours(1))
                .withCheckpoints(Duration.ofMillis(250), Optional.empty()), 2, directory);
        aggregates = new TopicCollector<>(settings, registry, Topic.AGGREGATES, ClassAggregate.class);
        deadLetters = new TopicCollector<>(settings, registry, Topic.DEAD_LETTERS, DeadLetter.class);
    }

    @AfterAll
    void stop() {
        aggregates.close();
        deadLetters.close();
        producer.close(Duration.ofSeconds(2));
        flink.close();
        server.close();
        broker.close();
    }

    @Test
    @Order(1)
    void partitions_that_nobody_writes_to_hold_no_window_open() throws Exception {
        send(SampleTelemetry.of("board-a", "a", 0, Instant.now()), 3);

        assertEquals(1, awaitCount("board-a", 1, 3));
    }

    @Test
    @Order(2)
    void a_record_that_is_sent_again_counts_once_and_one_that_is_missing_stops_nothing() throws Exception {
        for (long sequence : new long[] {0, 1, 1, 0, 5, 5}) {
            send(SampleTelemetry.of("board-b", "b", sequence, Instant.now()), 0);
        }

        assertEquals(3, awaitCount("board-b", 3, 0));
    }

    @Test
    @Order(3)
    void a_record_whose_window_is_closed_is_left_out_and_the_next_of_its_session_is_not() throws Exception {
        send(SampleTelemetry.of("board-c", "c", 0, Instant.now().minus(Duration.ofMinutes(10))), 0);
        send(SampleTelemetry.of("board-c", "c", 1, Instant.now()), 0);

        assertEquals(1, awaitCount("board-c", 1, 0));
    }

    @Test
    @Order(4)
    void measured_and_simulated_devices_of_equal_names_share_no_aggregate() throws Exception {
        send(SampleTelemetry.of("phone", "same", 0, Instant.now()), 0);
        send(SampleTelemetry.of("sim-phone", "same-simulated", 0, Instant.now()), 0);

        assertEquals(1, awaitCount("phone", 1, 0));
        assertEquals(1, awaitCount("sim-phone", 1, 0));
        assertTrue(windowsOf("phone").stream().noneMatch(ClassAggregate::getSimulated));
        assertTrue(windowsOf("sim-phone").stream().allMatch(ClassAggregate::getSimulated));
    }

    @Test
    @Order(5)
    void what_cannot_be_used_is_buried_with_its_address_and_reason_and_stops_nothing() throws Exception {
        buried("poison".getBytes(StandardCharsets.UTF_8), "");
        buried(null, "no value");
        buried(withSchemaId(bytes(t -> { }), 999_999), "999999");
        buried(Arrays.copyOf(bytes(t -> { }), 40), "");
        buried(bytes(t -> t.setTimestamp(Instant.now().plus(Duration.ofHours(2)))), "ahead of");
        buried(bytes(t -> t.setTimestamp(Instant.EPOCH)), "days before");
        buried(bytes(t -> t.setExplorationProbability(Double.NaN)), "explorationProbability is NaN");
        buried(bytes(t -> t.setForeignCpuShare(Double.NaN)), "foreignCpuShare is NaN");
        buried(bytes(t -> t.setLatencyNanos(-5)), "latencyNanos is -5");
        buried(bytes(t -> t.setBranchLatencyNanos(List.of(-7L))), "branchLatencyNanos[0] is -7");
        buried(bytes(t -> t.setSequence(-1)), "sequence is -1");
        buried(bytes(t -> t.setSimulated(true)), "simulated is true");
        buried(bytes(t -> t.setDeviceId("x".repeat(100_000))), "deviceId has 100000 characters");

        send(SampleTelemetry.of("board-d", "d", 0, Instant.now()), 0);
        assertEquals(1, awaitCount("board-d", 1, 0));
        assertEquals(Optional.empty(), flink.failure());
    }

    @Test
    @Order(6)
    void a_class_that_floods_with_a_new_device_in_every_record_costs_the_others_nothing() throws Exception {
        for (int i = 0; i < FLOOD; i++) {
            sendAsync(SampleTelemetry.of("flood", "device-" + i, 0, Instant.now()), i % Topic.TELEMETRY.partitions());
        }
        for (int sequence = 0; sequence < 10; sequence++) {
            send(SampleTelemetry.of("board-e", "e", sequence, Instant.now()), 0);
        }

        assertEquals(10, awaitCount("board-e", 10, 0));
        assertEquals(FLOOD, awaitCount("flood", FLOOD, 0));
    }

    /** The record goes to partition 0 and has to come back as a dead letter. */
    private void buried(byte[] value, String reason) throws Exception {
        RecordMetadata sent = producer.send(new ProducerRecord<>(TELEMETRY, 0, "key".getBytes(StandardCharsets.UTF_8), value)).get();
        DeadLetter letter = Await.until(DEADLINE, "the dead letter of offset " + sent.offset(),
                () -> deadLetters.find(l -> l.getTopic().equals(TELEMETRY) && l.getPartition() == 0 && l.getOffset() == sent.offset()),
                () -> flink.failure().orElse("the job runs"));
        assertFalse(letter.getReason().isBlank());
        assertTrue(letter.getReason().contains(reason), letter.getReason());
        assertEquals(value == null ? 0 : value.length, letter.getValueBytes());
    }

    private byte[] bytes(Consumer<InferenceTelemetry> change) {
        InferenceTelemetry record = SampleTelemetry.of("board-d", "d", 1, Instant.now());
        change.accept(record);
        return serializer.serialize(TELEMETRY, record);
    }

    private static byte[] withSchemaId(byte[] framed, int id) {
        ByteBuffer.wrap(framed).putInt(1, id);
        return framed;
    }

    private void send(InferenceTelemetry record, int partition) throws Exception {
        sendAsync(record, partition).get();
    }

    private Future<RecordMetadata> sendAsync(InferenceTelemetry record, int partition) {
        return producer.send(new ProducerRecord<>(TELEMETRY, partition, record.getDeviceId().getBytes(StandardCharsets.UTF_8),
                serializer.serialize(TELEMETRY, record)));
    }

    /** Lets time go on in one partition until the class's windows hold so many inferences; then what they really hold. */
    private long awaitCount(String deviceClass, long count, int partition) {
        Await.until(DEADLINE, count + " inferences of " + deviceClass, () -> {
            sendAsync(SampleTelemetry.of("clock", "clock-" + partition, clockSequence++, Instant.now()), partition);
            aggregates.find(window -> false);
            return counted(deviceClass) >= count ? Optional.of(true) : Optional.empty();
        }, () -> counted(deviceClass) + " are counted; " + flink.failure().orElse("the job runs"));
        return counted(deviceClass);
    }

    private long counted(String deviceClass) {
        return windowsOf(deviceClass).stream().mapToLong(ClassAggregate::getCount).sum();
    }

    private List<ClassAggregate> windowsOf(String deviceClass) {
        return aggregates.records().stream()
                .filter(window -> window.getDeviceClass().equals(deviceClass) && window.getBranch() == null && !window.getRollup())
                .toList();
    }
}
