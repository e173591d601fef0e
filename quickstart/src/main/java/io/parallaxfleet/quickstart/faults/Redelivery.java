package io.parallaxfleet.quickstart.faults;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends the newest telemetry a second time, as a device does that died before it knew that it was taken. Not thread-safe. */
final class Redelivery implements AutoCloseable {
    private static final int REMEMBERED = 200;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Deque<ConsumerRecord<byte[], byte[]>> newest = new ArrayDeque<>();

    Redelivery(String bootstrap) {
        producer = new KafkaProducer<>(Map.of("bootstrap.servers", bootstrap, "acks", "all"), new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    void remember(ConsumerRecord<byte[], byte[]> record) {
        newest.add(record);
        if (newest.size() > REMEMBERED) {
            newest.remove();
        }
    }

    void sendAgain() {
        newest.forEach(record -> send(record.topic(), record.partition(), record.key(), record.value()));
        producer.flush();
    }

    void send(String topic, int partition, byte[] key, byte[] value) {
        producer.send(new ProducerRecord<>(topic, partition, key, value));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
