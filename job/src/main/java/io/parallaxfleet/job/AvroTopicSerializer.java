package io.parallaxfleet.job;

import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes generated records to their topic, framed, under the key that the topic asks for. Names the topic, so that the sink can ask
 * the brokers which of its transactions are still open there.
 */
final class AvroTopicSerializer<T extends SpecificRecord> implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {
    private static final long serialVersionUID = 1L;

    private final Topic topic;
    private final URI registry;
    private final SerializableFunction<T, String> key;
    private transient AvroRecordSerializer<T> serializer;

    /** @param key of a record; null for a topic without keys */
    AvroTopicSerializer(Topic topic, URI registry, SerializableFunction<T, String> key) {
        this.topic = topic;
        this.registry = registry;
        this.key = key;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sinkContext) {
        serializer = new AvroRecordSerializer<>(new HttpSchemaRegistry(registry));
    }

    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
        return Optional.of(new DefaultKafkaDatasetFacet(DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic.topicName()))));
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(T value, KafkaSinkContext context, Long timestamp) {
        byte[] keyBytes = key == null ? null : key.apply(value).getBytes(StandardCharsets.UTF_8);
        // The timestamp is left to the producer: event time may be too old for the topic's retention.
        return new ProducerRecord<>(topic.topicName(), keyBytes, serializer.serialize(topic.topicName(), value));
    }
}
