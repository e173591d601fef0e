package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Delivers to Kafka with acks=all, idempotence and zstd. Connects at the first delivery, creating topics that are missing so that a
 * broker's automatic creation never gives them the wrong partitions, and connects again after a failure. Not thread-safe but for
 * {@link #close()}.
 */
public final class KafkaSink implements RecordSink {
    private static final int BLOCK_MILLIS = 5_000;
    private static final int DELIVERY_MILLIS = 15_000;

    private final BrokerAddress address;
    private final SchemaRegistry registry;
    private final AvroRecordSerializer<SpecificRecord> serializer;
    private volatile Producer<byte[], byte[]> producer;
    private volatile boolean closed;

    public KafkaSink(BrokerAddress address, SchemaRegistry registry) {
        this.address = address;
        this.registry = registry;
        this.serializer = new AvroRecordSerializer<>(registry);
    }

    /** Connects now; the problem in one line where that fails. */
    public Optional<String> connect() {
        if (producer != null) {
            return Optional.empty();
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address.bootstrap(), "default.api.timeout.ms", BLOCK_MILLIS,
                "request.timeout.ms", BLOCK_MILLIS))) {
            TopicCatalogue.createMissing(admin, Optional.empty());
            // What nobody can give an id cannot be sent: better said at the start than of every record.
            registry.register(Topic.DEVICES.valueSubject(), Topic.DEVICES.schema());
            producer = newProducer(address, DELIVERY_MILLIS, BLOCK_MILLIS);
            return Optional.empty();
        } catch (BrokerUnavailableException e) {
            return Optional.of("no Kafka broker answers at " + address.bootstrap() + "; check the address and that it runs");
        } catch (SchemaRegistryException e) {
            return Optional.of(e.getMessage());
        } catch (KafkaException e) {
            return Optional.of("cannot connect to the Kafka broker at " + address.bootstrap() + ": " + rootMessage(e)
                    + "; check the address");
        }
    }

    /** @param deliveryMillis how long a record may take before it counts as undelivered */
    static Producer<byte[], byte[]> newProducer(BrokerAddress address, int deliveryMillis, int blockMillis) {
        return new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address.bootstrap(),
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd",
                // Compression finds what records share; with Kafka's 16 KiB a batch is a third larger on the wire.
                ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024,
                ProducerConfig.LINGER_MS_CONFIG, 20,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, deliveryMillis / 2,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, deliveryMillis,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, blockMillis), new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public Delivery deliver(List<Outgoing> records) {
        Optional<String> problem = connect();
        if (problem.isPresent()) {
            return new Delivery(0, 0, problem);
        }
        List<Future<RecordMetadata>> pending = new ArrayList<>();
        Optional<String> notSent = Optional.empty();
        try {
            for (Outgoing record : records) {
                byte[] value = serializer.serialize(record.topic().topicName(), record.value());
                pending.add(producer.send(new ProducerRecord<>(
                        record.topic().topicName(), record.key().getBytes(StandardCharsets.UTF_8), value)));
            }
        } catch (SchemaRegistryException e) {
            notSent = Optional.of(e.getMessage());
        } catch (KafkaException | IllegalStateException e) {
            notSent = Optional.of("the Kafka broker at " + address.bootstrap() + " took no records: " + rootMessage(e));
            reconnectNextTime();
        }
        return settle(pending, notSent);
    }

    private Delivery settle(List<Future<RecordMetadata>> pending, Optional<String> notSent) {
        int settled = 0;
        int refused = 0;
        Optional<String> problem = notSent;
        for (Future<RecordMetadata> future : pending) {
            try {
                future.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Delivery(settled, refused, Optional.of("interrupted while sending"));
            } catch (ExecutionException e) {
                if (!refusedForGood(e.getCause())) {
                    reconnectNextTime();
                    return new Delivery(settled, refused, Optional.of(
                            "the Kafka broker at " + address.bootstrap() + " does not answer: " + rootMessage(e.getCause())));
                }
                refused++;
                problem = Optional.of("the Kafka broker refused a record for good: " + rootMessage(e.getCause()));
            }
            settled++;
        }
        return new Delivery(settled, refused, problem);
    }

    /** What no retry can help; everything else is the connection's or the broker's trouble and passes. */
    private static boolean refusedForGood(Throwable cause) {
        return cause instanceof RecordTooLargeException || cause instanceof InvalidTimestampException;
    }

    /** A producer that gave up on a batch may be in a fatal state; a fresh one never is. */
    private void reconnectNextTime() {
        Producer<byte[], byte[]> broken = producer;
        producer = null;
        if (broken != null && !closed) {
            broken.close(Duration.ZERO);
        }
    }

    static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null && !(root instanceof ApiException)) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    @Override
    public void close() {
        closed = true;
        Producer<byte[], byte[]> last = producer;
        if (last != null) {
            last.close(Duration.ofSeconds(3));
        }
    }
}
