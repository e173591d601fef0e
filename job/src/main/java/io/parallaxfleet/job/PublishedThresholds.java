package io.parallaxfleet.job;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.decode.ControlRules;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.thresholds.ThresholdKeys;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
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
 * The newest updates of each class on the thresholds topic. Immutable.
 *
 * @param newest by class, by epoch: what the whole class runs, and where a share of it tries something under a higher epoch, that
 */
record PublishedThresholds(Map<ClassKey, List<ThresholdUpdate>> newest) {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedThresholds.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    PublishedThresholds {
        newest = Map.copyOf(newest);
    }

    /**
     * Reads the topic from its start to its present end. A record that cannot be decoded is left out here; the job's own source
     * dead-letters it.
     *
     * @throws BrokerUnavailableException when the brokers do not answer in time
     */
    static PublishedThresholds read(JobOptions options) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, options.group() + "-published-thresholds");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // An epoch of an aborted transaction was never given out, and is free.
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        AvroRecordDeserializer<ThresholdUpdate> deserializer =
                new AvroRecordDeserializer<>(new HttpSchemaRegistry(options.registry()), ThresholdUpdate.class);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return new PublishedThresholds(read(consumer, deserializer));
        } catch (KafkaException e) {
            throw new BrokerUnavailableException("cannot read " + Topic.THRESHOLDS.topicName() + " from Kafka at "
                    + options.bootstrap() + ": " + e.getMessage(), e);
        }
    }

    private static Map<ClassKey, List<ThresholdUpdate>> read(Consumer<byte[], byte[]> consumer,
            AvroRecordDeserializer<ThresholdUpdate> deserializer) {
        String topic = Topic.THRESHOLDS.topicName();
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<ClassKey, List<ThresholdUpdate>> newest = new HashMap<>();
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                keep(record, deserializer, newest);
            }
        }
        return newest;
    }

    private static void keep(ConsumerRecord<byte[], byte[]> record, AvroRecordDeserializer<ThresholdUpdate> deserializer,
            Map<ClassKey, List<ThresholdUpdate>> newest) {
        ThresholdUpdate update;
        try {
            update = deserializer.deserialize(record.topic(), record.value());
        } catch (UndecodableRecordException e) {
            LOG.warn("{}-{}@{} is left out: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
            return;
        }
        // A record that breaks a rule is dead-lettered by the job's source too.
        if (update != null && ControlRules.firstFault(update).isEmpty()) {
            newest.merge(new ClassKey(update.getDeviceClass(), update.getSimulated()), List.of(update),
                    (known, fresh) -> newestOf(known, fresh.get(0)));
        }
    }

    // Of what all run the newest, and of what a share tries the newest above it.
    static List<ThresholdUpdate> newestOf(List<ThresholdUpdate> known, ThresholdUpdate fresh) {
        List<ThresholdUpdate> all = Stream.concat(known.stream(), Stream.of(fresh))
                .sorted(Comparator.comparingLong(ThresholdUpdate::getEpoch))
                .toList();
        List<ThresholdUpdate> newest = new ArrayList<>();
        for (ThresholdUpdate update : all) {
            newest.removeIf(older -> !ThresholdKeys.isCandidate(update) || ThresholdKeys.isCandidate(older));
            newest.add(update);
        }
        return List.copyOf(newest);
    }
}
