package io.parallaxfleet.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Keeps the schemas in the compacted topic {@value #TOPIC} of one partition, in the JSON keys and values of Confluent's
 * registry. A record that this registry does not speak (deletions, other key types) is refused rather than skipped: an id
 * must never come to mean another schema.
 */
public final class TopicSchemaStore implements SchemaStore {
    public static final String TOPIC = "_schemas";

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Object> clientSettings;
    private final Producer<String, String> producer;

    private TopicSchemaStore(Map<String, Object> clientSettings) {
        this.clientSettings = clientSettings;
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put("acks", "all");
        settings.put("enable.idempotence", true);
        settings.put("max.block.ms", (int) TIMEOUT.toMillis());
        settings.put("delivery.timeout.ms", (int) TIMEOUT.toMillis());
        settings.put("request.timeout.ms", (int) TIMEOUT.toMillis() / 2);
        this.producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    /**
     * Opens the topic, creating it where it is missing.
     *
     * @param clientSettings Kafka client settings, at least {@code bootstrap.servers}
     * @param replicationFactor replicas of a new topic; empty takes the broker's default
     * @throws SchemaRegistryException when the brokers do not answer or the topic is not one compacted partition
     */
    public static TopicSchemaStore open(Map<String, Object> clientSettings, Optional<Short> replicationFactor) {
        Map<String, Object> settings = Map.copyOf(clientSettings);
        String bootstrap = String.valueOf(settings.get("bootstrap.servers"));
        // The client's own minute would pass before an absent broker is told.
        Map<String, Object> patience = new HashMap<>(settings);
        patience.putIfAbsent("request.timeout.ms", (int) TIMEOUT.toMillis() / 4);
        patience.putIfAbsent("default.api.timeout.ms", (int) TIMEOUT.toMillis() / 2);
        try (Admin admin = Admin.create(patience)) {
            NewTopic wanted = new NewTopic(TOPIC, Optional.of(1), replicationFactor).configs(Map.of("cleanup.policy", "compact"));
            int partitions = createOrCount(admin, wanted);
            if (partitions != 1) {
                throw new SchemaRegistryException("the topic '" + TOPIC + "' at " + bootstrap + " has " + partitions
                        + " partitions; schemas are kept in one, or their order is lost");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("interrupted while opening the topic '" + TOPIC + "' at " + bootstrap, e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new SchemaRegistryException("the Kafka brokers at " + bootstrap + " did not open the topic '" + TOPIC
                    + "'; check the bootstrap address and that a broker is running", e);
        }
        return new TopicSchemaStore(settings);
    }

    private static int createOrCount(Admin admin, NewTopic wanted)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            // The answer tells the partitions; asking for them right after could meet a broker that has not heard yet.
            return admin.createTopics(List.of(wanted)).numPartitions(TOPIC).get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            return admin.describeTopics(List.of(TOPIC)).allTopicNames()
                    .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).get(TOPIC).partitions().size();
        }
    }

    @Override
    public List<Entry> replay() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put("enable.auto.commit", false);
        List<Entry> entries = new ArrayList<>();
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION), TIMEOUT).get(PARTITION);
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (consumer.position(PARTITION, TIMEOUT) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL).records(PARTITION)) {
                    parse(record).ifPresent(entries::add);
                    deadline = System.nanoTime() + TIMEOUT.toNanos();
                }
                if (System.nanoTime() > deadline) {
                    throw new SchemaRegistryException("the topic '" + TOPIC + "' gave no record for "
                            + TIMEOUT.toSeconds() + " s before its end; check the brokers");
                }
            }
        } catch (KafkaException e) {
            throw new SchemaRegistryException("the topic '" + TOPIC + "' cannot be read: " + e.getMessage(), e);
        }
        return entries;
    }

    @Override
    public void put(Entry entry) {
        ObjectNode key = json.createObjectNode();
        ObjectNode value = json.createObjectNode();
        if (entry instanceof Entry.Version added) {
            StoredSchema schema = added.schema();
            key.put("keytype", "SCHEMA").put("subject", schema.subject()).put("version", schema.version()).put("magic", 1);
            value.put("subject", schema.subject()).put("version", schema.version()).put("id", schema.id())
                    .put("schema", schema.text()).put("deleted", false);
        } else if (entry instanceof Entry.Level changed) {
            key.put("keytype", "CONFIG").put("subject", changed.subject().orElse(null)).put("magic", 0);
            value.put("compatibilityLevel", changed.level().name());
        }
        try {
            producer.send(new ProducerRecord<>(TOPIC, 0, key.toString(), value.toString()))
                    .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("interrupted while writing to the topic '" + TOPIC + "'", e);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new SchemaRegistryException("the topic '" + TOPIC + "' did not take the record within "
                    + TIMEOUT.toSeconds() + " s; check the brokers", e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }

    private Optional<Entry> parse(ConsumerRecord<String, String> record) {
        try {
            JsonNode key = json.readTree(record.key() == null ? "" : record.key());
            String type = key.path("keytype").asText("");
            if (type.equals("NOOP")) {
                return Optional.empty();
            }
            JsonNode value = json.readTree(record.value() == null ? "" : record.value());
            if (type.equals("SCHEMA") && !value.path("deleted").asBoolean() && value.path("schema").isTextual()
                    && value.path("schemaType").asText("AVRO").equals("AVRO")) {
                return Optional.of(new Entry.Version(new StoredSchema(value.path("subject").asText(),
                        value.path("version").asInt(), value.path("id").asInt(), value.path("schema").asText())));
            }
            Optional<CompatibilityLevel> level = CompatibilityLevel.named(value.path("compatibilityLevel").asText(""));
            if (type.equals("CONFIG") && level.isPresent()) {
                JsonNode subject = key.path("subject");
                return Optional.of(new Entry.Level(
                        subject.isTextual() ? Optional.of(subject.asText()) : Optional.empty(), level.get()));
            }
            throw unspoken(record, "keytype '" + type + "'", null);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw unspoken(record, e.getMessage(), e);
        }
    }

    private static SchemaRegistryException unspoken(ConsumerRecord<String, String> record, String what, Throwable cause) {
        return new SchemaRegistryException("the record at offset " + record.offset() + " of the topic '" + TOPIC
                + "' is not one that this registry speaks (" + what + "); use the registry that wrote it", cause);
    }
}
