package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Adds up the whole inferences of a class over the committed short windows. Not thread-safe. */
final class CommittedCount implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AvroRecordDeserializer<ClassAggregate> deserializer;
    private final String deviceClass;
    private long inferences;
    private int mostDevices;

    CommittedCount(String bootstrap, URI registry, String deviceClass) {
        this.deviceClass = deviceClass;
        this.deserializer = new AvroRecordDeserializer<>(new HttpSchemaRegistry(registry), ClassAggregate.class);
        this.consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, Topic.AGGREGATES.partitions())
                .mapToObj(partition -> new TopicPartition(Topic.AGGREGATES.topicName(), partition)).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads on for a moment, then all that came so far. */
    long inferences() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
            ClassAggregate window = deserializer.deserialize(record.topic(), record.value());
            if (window.getBranch() == null && !window.getRollup() && window.getDeviceClass().equals(deviceClass)) {
                inferences += window.getCount() + window.getColdCount() + window.getInvalidCount() + window.getFallbackCount();
                mostDevices = Math.max(mostDevices, window.getDevices());
            }
        }
        return inferences;
    }

    /** The most devices that a window had, as the job estimates them. */
    int mostDevices() {
        return mostDevices;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
