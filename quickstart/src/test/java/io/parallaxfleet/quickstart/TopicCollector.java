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
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Every record of a topic since its beginning, as a test asks for them. Not thread-safe. */
final class TopicCollector<T extends SpecificRecord> implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AvroRecordDeserializer<T> deserializer;
    private final List<T> records = new ArrayList<>();
    private int undecodable;

    TopicCollector(Map<String, Object> clientSettings, SchemaRegistry registry, Topic topic, Class<T> type) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        deserializer = new AvroRecordDeserializer<>(registry, type);
        List<TopicPartition> partitions = IntStream.range(0, topic.partitions())
                .mapToObj(partition -> new TopicPartition(topic.topicName(), partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads on, then the first of all records that matches. */
    Optional<T> find(Predicate<T> wanted) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            try {
                records.add(deserializer.deserialize(record.topic(), record.value()));
            } catch (UndecodableRecordException e) {
                undecodable++;
            }
        }
        return records.stream().filter(wanted).findFirst();
    }

    List<T> records() {
        return List.copyOf(records);
    }

    int undecodable() {
        return undecodable;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
