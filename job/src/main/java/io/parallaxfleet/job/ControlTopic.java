package io.parallaxfleet.job;

import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control topic as it stands, for what the job must know before its first record.
 *
 * @param firstFault the first rule that a record breaks, as for the job's own source of the topic
 */
record ControlTopic<T extends SpecificRecordBase>(String bootstrap, URI registry, String group, Topic topic, Class<T> type,
        SerializableFunction<T, Optional<String>> firstFault) implements Serializable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlTopic.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    static <T extends SpecificRecordBase> ControlTopic<T> of(JobOptions options, Topic topic, Class<T> type,
            SerializableFunction<T, Optional<String>> firstFault) {
        return new ControlTopic<>(options.bootstrap(), options.registry(), options.group(), topic, type, firstFault);
    }

    /**
     * Reads the topic from its start to its present end. A record that cannot be decoded or breaks a rule is left out here; the
     * job's own source dead-letters it.
     *
     * @throws BrokerUnavailableException when the brokers do not answer in time
     */
    List<T> read() {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, group + "-start-" + topic.topicName());
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // What an aborted transaction wrote was never published.
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        AvroRecordDeserializer<T> deserializer = new AvroRecordDeserializer<>(new HttpSchemaRegistry(registry), type);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return read(consumer, deserializer);
        } catch (KafkaException e) {
            throw new BrokerUnavailableException(
                    "cannot read " + topic.topicName() + " from Kafka at " + bootstrap + ": " + e.getMessage(), e);
        }
    }

    private List<T> read(Consumer<byte[], byte[]> consumer, AvroRecordDeserializer<T> deserializer) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream()
                .map(partition -> new TopicPartition(topic.topicName(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        List<T> all = new ArrayList<>();
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                decode(record, deserializer).ifPresent(all::add);
            }
        }
        return all;
    }

    private Optional<T> decode(ConsumerRecord<byte[], byte[]> record, AvroRecordDeserializer<T> deserializer) {
        T decoded;
        try {
            decoded = deserializer.deserialize(record.topic(), record.value());
        } catch (UndecodableRecordException e) {
            LOG.warn("{}-{}@{} is left out: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
            return Optional.empty();
        }
        return Optional.ofNullable(decoded).filter(value -> firstFault.apply(value).isEmpty());
    }
}
