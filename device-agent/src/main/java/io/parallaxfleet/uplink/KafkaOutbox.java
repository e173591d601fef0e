package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * An outbox straight to Kafka for simulated fleets, whose records are not worth a disk: while the broker is away records wait in the
 * producer's memory for two minutes, {@link #send} slows down when that is full, and what is lost then is counted and said once.
 */
public final class KafkaOutbox implements Outbox, AutoCloseable {
    private static final int DELIVERY_MILLIS = 120_000;
    private static final int BLOCK_MILLIS = 5_000;

    private final AvroRecordSerializer<SpecificRecord> serializer;
    private final Producer<byte[], byte[]> producer;
    private final AgentEvents events;
    private final AtomicLong lost = new AtomicLong();
    private final AtomicBoolean said = new AtomicBoolean();

    public KafkaOutbox(BrokerAddress address, SchemaRegistry registry, AgentEvents events) {
        this.serializer = new AvroRecordSerializer<>(registry);
        this.producer = KafkaSink.newProducer(address, DELIVERY_MILLIS, BLOCK_MILLIS);
        this.events = events;
    }

    @Override
    public void send(Topic topic, String key, SpecificRecord value) {
        try {
            byte[] framed = serializer.serialize(topic.topicName(), value);
            producer.send(new ProducerRecord<>(topic.topicName(), key.getBytes(StandardCharsets.UTF_8), framed), (metadata, error) -> {
                if (error != null) {
                    lose(KafkaSink.rootMessage(error));
                }
            });
        } catch (SchemaRegistryException e) {
            lose(e.getMessage());
        } catch (KafkaException e) {
            lose(KafkaSink.rootMessage(e));
        }
    }

    private void lose(String why) {
        lost.incrementAndGet();
        if (said.compareAndSet(false, true)) {
            events.warn("records of the simulated fleet are lost: " + why);
        }
    }

    /** Records that were not delivered. */
    public long lost() {
        return lost.get();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
