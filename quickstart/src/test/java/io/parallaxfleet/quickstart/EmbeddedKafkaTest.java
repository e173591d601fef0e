package io.parallaxfleet.quickstart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.registry.SchemaStore;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class EmbeddedKafkaTest {
    private EmbeddedKafka broker;
    private Admin admin;

    @BeforeEach
    void start() {
        broker = EmbeddedKafka.start();
        admin = Admin.create(settings());
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Nested
    class TheTopicCatalogue {
        @Test
        void creates_every_topic_with_its_partitions_and_cleanup_policy() throws Exception {
            List<Topic> created = TopicCatalogue.createMissing(admin, Optional.empty());
            assertEquals(EnumSet.allOf(Topic.class), EnumSet.copyOf(created));
            awaitTopics(Topic.values().length);
            Map<String, TopicDescription> described = admin.describeTopics(names()).allTopicNames().get();
            for (Topic topic : Topic.values()) {
                assertEquals(topic.partitions(), described.get(topic.topicName()).partitions().size(), topic.topicName());
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
                String cleanup = admin.describeConfigs(List.of(resource)).all().get().get(resource).get("cleanup.policy").value();
                assertEquals(topic.configuration().get("cleanup.policy"), cleanup, topic.topicName());
            }
        }

        @Test
        void leaves_what_exists_as_it_is() throws Exception {
            TopicCatalogue.createMissing(admin, Optional.empty());
            awaitTopics(Topic.values().length);
            assertEquals(List.of(), TopicCatalogue.createMissing(admin, Optional.empty()));
            admin.deleteTopics(List.of(Topic.DEVICES.topicName())).all().get();
            awaitTopics(Topic.values().length - 1);
            assertEquals(List.of(Topic.DEVICES), TopicCatalogue.createMissing(admin, Optional.empty()));
        }

        private Set<String> names() {
            return Arrays.stream(Topic.values()).map(Topic::topicName).collect(Collectors.toSet());
        }
    }

    @Nested
    class TheSchemasTopic {
        @Test
        void gives_a_restarted_registry_its_schemas_back() {
            int id;
            try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(store(), 0)) {
                id = new HttpSchemaRegistry(registry.url()).register("s", DeadLetter.getClassSchema());
            }
            try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(store(), 0)) {
                assertEquals(DeadLetter.getClassSchema(), new HttpSchemaRegistry(registry.url()).byId(id));
            }
        }

        @Test
        void is_compacted() throws Exception {
            store().close();
            awaitTopics(1);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, TopicSchemaStore.TOPIC);
            assertEquals("compact", admin.describeConfigs(List.of(resource)).all().get().get(resource).get("cleanup.policy").value());
        }

        @Test
        void with_a_record_of_another_kind_is_refused_with_its_offset() throws Exception {
            store().close();
            try (var producer = new KafkaProducer<>(settings(), new StringSerializer(), new StringSerializer())) {
                producer.send(new ProducerRecord<>(TopicSchemaStore.TOPIC, "{\"keytype\":\"DELETE_SUBJECT\"}", "{}")).get();
            }
            var refused = assertThrows(SchemaRegistryException.class, () -> EmbeddedSchemaRegistry.start(store(), 0));
            assertTrue(refused.getMessage().contains("offset 0"), refused.getMessage());
        }

        private SchemaStore store() {
            return TopicSchemaStore.open(settings(), Optional.empty());
        }
    }

    @Nested
    class TheBroker {
        @Test
        void on_a_taken_port_says_which_and_what_to_do() {
            int port = Integer.parseInt(broker.bootstrapServers().split(":")[1]);
            var refused = assertThrows(StartupException.class, () -> EmbeddedKafka.start(port, Optional.empty()));
            assertTrue(refused.getMessage().contains(String.valueOf(port)) && refused.getMessage().contains("--broker-port"),
                    refused.getMessage());
        }

        @Test
        void with_a_kept_directory_keeps_its_topics(@TempDir Path directory) throws Exception {
            try (EmbeddedKafka first = EmbeddedKafka.start(0, Optional.of(directory));
                    Admin client = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
                client.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
            }
            try (EmbeddedKafka second = EmbeddedKafka.start(0, Optional.of(directory));
                    Admin client = Admin.create(Map.of("bootstrap.servers", second.bootstrapServers()))) {
                assertEquals(Set.of("kept"), client.listTopics().names().get());
            }
        }
    }

    /** A created topic is known to the controller at once and to the broker a moment later. */
    private void awaitTopics(int count) throws Exception {
        while (admin.listTopics().names().get().size() != count) {
            Thread.onSpinWait();
        }
    }

    private Map<String, Object> settings() {
        return Map.of("bootstrap.servers", broker.bootstrapServers());
    }
}
