package io.parallaxfleet.streambench.fleet;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes to the fleet's topics with the settings that agents write with. Thread-safe. */
public final class FleetWriter implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final AvroRecordSerializer<InferenceTelemetry> telemetry;
    private final HttpSchemaRegistry registry;
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    public FleetWriter(String bootstrap, URI registry) {
        this.registry = new HttpSchemaRegistry(registry);
        this.telemetry = new AvroRecordSerializer<>(this.registry);
        this.producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd",
                ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024,
                ProducerConfig.LINGER_MS_CONFIG, 20), new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Waits until the brokers have them. */
    public void plans(Collection<PlanProfile> plans) {
        plans.forEach(plan -> control(Topic.PLANS, plan.getPlanId(), plan));
        flush();
    }

    /** A record of a topic that is quiet most of the time. */
    public <T extends SpecificRecord> void control(Topic topic, String key, T value) {
        send(topic, key, new AvroRecordSerializer<T>(registry).serialize(topic.topicName(), value));
    }

    public void inference(InferenceTelemetry inference) {
        send(Topic.TELEMETRY, inference.getDeviceId(), telemetry.serialize(Topic.TELEMETRY.topicName(), inference));
    }

    /** Waits until the brokers have everything. */
    public void flush() {
        producer.flush();
        check();
    }

    private void send(Topic topic, String key, byte[] value) {
        check();
        producer.send(new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), value), (metadata, problem) -> {
            if (problem != null) {
                failure.compareAndSet(null, problem);
            }
        });
    }

    private void check() {
        if (failure.get() != null) {
            throw new IllegalStateException("a record was not taken: " + failure.get().getMessage(), failure.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
