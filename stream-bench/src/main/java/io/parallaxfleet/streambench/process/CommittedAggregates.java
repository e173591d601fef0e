package io.parallaxfleet.streambench.process;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The job's aggregates since the beginning of their topic, once they are committed. Not thread-safe but for {@link #wakeUp()}. */
public final class CommittedAggregates implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AvroRecordDeserializer<ClassAggregate> deserializer;

    public CommittedAggregates(String bootstrap, URI registry) {
        deserializer = new AvroRecordDeserializer<>(new HttpSchemaRegistry(registry), ClassAggregate.class);
        consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, Topic.AGGREGATES.partitions())
                .mapToObj(partition -> new TopicPartition(Topic.AGGREGATES.topicName(), partition)).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Records as they came, at once: to decode them takes longer than they took. */
    public interface Batch {
        List<ClassAggregate> decoded();
    }

    /**
     * Waits so long for more at most.
     *
     * @throws WakeupException after {@link #wakeUp()}
     */
    public Batch poll(Duration patience) {
        var records = consumer.poll(patience);
        return () -> {
            List<ClassAggregate> decoded = new ArrayList<>(records.count());
            for (ConsumerRecord<byte[], byte[]> record : records) {
                decoded.add(deserializer.deserialize(record.topic(), record.value()));
            }
            return decoded;
        };
    }

    /** Ends a poll under way on another thread. */
    public void wakeUp() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
