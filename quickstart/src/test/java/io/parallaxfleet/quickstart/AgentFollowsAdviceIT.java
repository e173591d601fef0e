package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.exploration.ExplorationBounds;
import io.parallaxfleet.schemas.exploration.ExplorationKeys;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real agent, which runs a real model, and advice to explore more: what its next records say of it. */
class AgentFollowsAdviceIT {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final double OWN_SHARE = 0.05;
    private static final double MOST = 0.3;

    @Test
    void it_explores_as_much_more_as_its_owner_allows_and_nothing_by_advice_out_of_range(@TempDir Path directory) throws Exception {
        Path cache = Files.createDirectories(Path.of("target", "model-cache").toAbsolutePath());
        try (EmbeddedKafka broker = EmbeddedKafka.start();
                EmbeddedSchemaRegistry server = EmbeddedSchemaRegistry.start(
                        TopicSchemaStore.open(ConnectionOptions.clientSettings(broker.bootstrapServers()), Optional.empty()), 0)) {
            Map<String, Object> settings = ConnectionOptions.clientSettings(broker.bootstrapServers());
            HttpSchemaRegistry registry = new HttpSchemaRegistry(server.url());
            try (Admin admin = Admin.create(settings)) {
                TopicCatalogue.createMissing(admin, Optional.empty());
            }
            try (AgentProcess agent = AgentProcess.start("advised", AgentProcess.defaultJar(), List.of("agent", "--device-id", "advised",
                            "--models", "squeezenet1_1", "--thresholds", "paper", "--explore", String.valueOf(OWN_SHARE), "--max-explore",
                            String.valueOf(MOST), "--interval", "50ms", "--cache", cache.toString(), "--state-dir",
                            directory.resolve("state").toString(), "--bootstrap", broker.bootstrapServers(), "--registry",
                            server.url().toString(), "--parent-pid", String.valueOf(ProcessHandle.current().pid())), directory);
                    var telemetry = new TopicCollector<>(settings, registry, Topic.TELEMETRY, InferenceTelemetry.class);
                    var job = new KafkaProducer<String, ExplorationAdvice>(settings, new StringSerializer(),
                            new AvroRecordSerializer<>(registry))) {
                InferenceTelemetry before = awaitOwn(telemetry, agent, 1 - OWN_SHARE);
                assertFalse(before.getSimulated());

                // A factor that no job asks for, then one that would go beyond what the owner allows.
                send(job, before, ExplorationBounds.MAX_SHARE_FACTOR + 1);
                send(job, before, ExplorationBounds.MAX_SHARE_FACTOR);

                awaitOwn(telemetry, agent, 1 - Math.min(MOST, OWN_SHARE * ExplorationBounds.MAX_SHARE_FACTOR));
                assertTrue(telemetry.records().stream().filter(record -> !record.getExplored())
                        .allMatch(record -> record.getExplorationProbability() >= 1 - MOST - 1e-9), "within what its owner allows");
                String said = Files.readString(directory.resolve("advised.log"));
                assertTrue(said.contains("advice to explore more is refused: shareFactor is"), said);
                assertEquals(1, said.lines().filter(line -> line.contains("of bursts explore instead of")).count(), said);
            }
        }
    }

    // What the policy's own plan ran with tells the share: one less the probability of exploring.
    private static InferenceTelemetry awaitOwn(TopicCollector<InferenceTelemetry> telemetry, AgentProcess agent, double probability) {
        return Await.until(DEADLINE, "a run with the probability " + probability, () -> {
            assertTrue(agent.isAlive(), agent::obituary);
            return telemetry.find(record -> !record.getExplored() && Math.abs(record.getExplorationProbability() - probability) < 1e-9);
        }, () -> telemetry.records().size() + " records; " + agent.lastLine().orElse("nothing said"));
    }

    private static void send(KafkaProducer<String, ExplorationAdvice> job, InferenceTelemetry of, double factor) throws Exception {
        Instant now = Instant.now();
        ExplorationAdvice advice = ExplorationAdvice.newBuilder()
                .setDeviceClass(of.getDeviceClass())
                .setSimulated(of.getSimulated())
                .setShareFactor(factor)
                .setIssuedAt(now)
                .setExpiresAt(now.plus(Duration.ofMinutes(10)))
                .setReason("drift: CPU runs take 1.30 times what they took")
                .setIssuedBy("job")
                .build();
        job.send(new ProducerRecord<>(Topic.EXPLORATION.topicName(), ExplorationKeys.of(advice), advice)).get();
    }
}
