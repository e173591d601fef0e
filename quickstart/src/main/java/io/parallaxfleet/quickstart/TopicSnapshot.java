package io.parallaxfleet.quickstart;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds at one moment, in transactions that were committed. */
final class TopicSnapshot {
    /** For a broker's first answer; where none runs, a person waits for this. */
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicSnapshot() {}

    /**
     * Every decodable record from the beginning to the end that the topic has now, in partition order; a topic that does not
     * exist is empty. Transactions that are open now are waited for: the job may be publishing an epoch in one.
     *
     * @throws StartupException when no broker answers, or a transaction stays open
     */
    static <T extends SpecificRecord> List<T> read(
            Map<String, Object> clientSettings, SchemaRegistry registry, Topic topic, Class<T> type) {
        List<T> values = new ArrayList<>();
        forEach(clientSettings, registry, topic, type, values::add);
        return values;
    }

    /** Like {@link #read}, for what is too much to hold. */
    static <T extends SpecificRecord> void forEach(Map<String, Object> clientSettings, SchemaRegistry registry, Topic topic,
            Class<T> type, java.util.function.Consumer<T> into) {
        AvroRecordDeserializer<T> deserializer = new AvroRecordDeserializer<>(registry, type);
        // The job publishes in transactions: what one that was aborted holds was never said.
        Map<TopicPartition, Long> ends = ends(clientSettings, topic);
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey(), TIMEOUT) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new StartupException("'" + topic.topicName() + "' gave nothing more for " + TIMEOUT.toSeconds()
                            + " s before its end; a job that was killed may have left a transaction open, which ends when the job "
                            + "runs again or after its --transaction-timeout");
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    deadline = System.nanoTime() + TIMEOUT.toNanos();
                    try {
                        T value = deserializer.deserialize(record.topic(), record.value());
                        if (value != null) {
                            into.accept(value);
                        }
                    } catch (UndecodableRecordException garbage) {
                        // Another writer's garbage must not hide the records that are sound.
                        continue;
                    }
                }
            }
        } catch (KafkaException e) {
            throw unavailable(clientSettings, topic, e);
        }
    }

    // A reader of committed records is told an end before the first open transaction.
    private static Map<TopicPartition, Long> ends(Map<String, Object> clientSettings, Topic topic) {
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(clientSettings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.listTopics(ANSWER).getOrDefault(topic.topicName(), List.of()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            return consumer.endOffsets(partitions, ANSWER);
        } catch (KafkaException e) {
            throw unavailable(clientSettings, topic, e);
        }
    }

    private static StartupException unavailable(Map<String, Object> clientSettings, Topic topic, KafkaException e) {
        return new StartupException("no Kafka broker gives '" + topic.topicName() + "' at "
                + clientSettings.get("bootstrap.servers") + " (" + e.getMessage()
                + "); check --bootstrap and that a broker is running", e);
    }
}
