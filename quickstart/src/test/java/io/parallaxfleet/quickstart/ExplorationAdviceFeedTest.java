package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.exploration.ExplorationKeys;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.BrokerAddress;
import io.parallaxfleet.uplink.FleetFeeds;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ExplorationShare;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Advice on its way from the topic to a device, through a real broker and registry. */
@Timeout(300)
class ExplorationAdviceFeedTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_760_000_000);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    void a_device_follows_what_its_class_is_asked_for() throws Exception {
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        AgentEvents events = new AgentEvents(out, out, false, CLOCK);
        ExplorationShare board = new ExplorationShare(new ExplorationLimits(0.02, 0.5), "board", false, CLOCK, events);
        try (EmbeddedKafka broker = EmbeddedKafka.start();
                EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(
                        TopicSchemaStore.open(ConnectionOptions.clientSettings(broker.bootstrapServers()), Optional.empty()), 0)) {
            Map<String, Object> settings = ConnectionOptions.clientSettings(broker.bootstrapServers());
            try (Admin admin = Admin.create(settings)) {
                TopicCatalogue.createMissing(admin, Optional.empty());
            }
            SchemaRegistry client = new HttpSchemaRegistry(registry.url());
            try (FleetFeeds feeds = FleetFeeds.start(new BrokerAddress(broker.bootstrapServers(), registry.url()), client,
                            updates -> { }, board::accept, events);
                    KafkaProducer<String, ExplorationAdvice> job = new KafkaProducer<>(settings, new StringSerializer(),
                            new AvroRecordSerializer<>(client))) {
                for (ExplorationAdvice advice : List.of(advice("another", false, 9), advice("board", false, 5))) {
                    job.send(new ProducerRecord<>(Topic.EXPLORATION.topicName(), ExplorationKeys.of(advice), advice)).get();
                }
                Await.until(Duration.ofMinutes(4), "the device explores more",
                        () -> Optional.of(board.getAsDouble()).filter(share -> share > 0.02),
                        () -> said.toString(StandardCharsets.UTF_8));

                assertEquals(0.1, board.getAsDouble(), 1e-12);
            }
        }
    }

    private static ExplorationAdvice advice(String deviceClass, boolean simulated, double shareFactor) {
        return ExplorationAdvice.newBuilder()
                .setDeviceClass(deviceClass)
                .setSimulated(simulated)
                .setShareFactor(shareFactor)
                .setIssuedAt(NOW)
                .setExpiresAt(NOW.plusSeconds(600))
                .setReason("drift: CPU runs take 1.30 times what they took")
                .setIssuedBy("job")
                .build();
    }
}
