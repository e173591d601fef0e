package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Hands on every committed record of a topic, from the first on, as often as it is asked. Not thread-safe. */
final class TopicFollower<T extends SpecificRecord> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration AT_MOST = Duration.ofSeconds(3);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AvroRecordDeserializer<T> deserializer;
    private final BiConsumer<T, ConsumerRecord<byte[], byte[]>> into;

    TopicFollower(String bootstrap, SchemaRegistry registry, Topic topic, Class<T> type,
            BiConsumer<T, ConsumerRecord<byte[], byte[]>> into) {
        this.consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed",
                "max.poll.records", 5_000, "client.id", "faults-" + topic.topicName()),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.deserializer = new AvroRecordDeserializer<>(registry, type);
        this.into = into;
        List<TopicPartition> partitions = IntStream.range(0, topic.partitions())
                .mapToObj(partition -> new TopicPartition(topic.topicName(), partition))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /**
     * Reads what there is now, and not for long where more comes all the time.
     *
     * @return whether nothing was left
     */
    boolean catchUp() {
        long start = System.nanoTime();
        ConsumerRecords<byte[], byte[]> records;
        do {
            records = consumer.poll(POLL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                into.accept(deserializer.deserialize(record.topic(), record.value()), record);
            }
        } while (!records.isEmpty() && System.nanoTime() - start < AT_MOST.toNanos());
        return records.isEmpty();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
