package io.parallaxfleet.streambench.latency;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Notes when committed aggregates arrive, whole inferences and branches, short windows and long, on a thread of its own. */
final class AggregateReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AvroRecordDeserializer<ClassAggregate> deserializer;
    private final Arrivals arrivals;
    private final Thread thread = new Thread(this::read, "aggregate-reader");

    AggregateReader(String bootstrap, URI registry, Arrivals arrivals) {
        this.arrivals = arrivals;
        this.deserializer = new AvroRecordDeserializer<>(new HttpSchemaRegistry(registry), ClassAggregate.class);
        this.consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, Topic.AGGREGATES.partitions())
                .mapToObj(partition -> new TopicPartition(Topic.AGGREGATES.topicName(), partition)).toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        thread.setDaemon(true);
        thread.start();
    }

    private void read() {
        try (consumer) {
            while (true) {
                var records = consumer.poll(Duration.ofSeconds(1));
                long now = System.currentTimeMillis();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    ClassAggregate a = deserializer.deserialize(record.topic(), record.value());
                    arrivals.came(Arrays.asList(a.getWindowEnd(), a.getRollup(), a.getDeviceClass(), a.getModel(), a.getPlanId(), a.getBranch(),
                            a.getPolicyEpoch(), a.getExplored()), a.getWindowEnd().toEpochMilli(), now);
                }
            }
        } catch (WakeupException e) {
            // The end.
            return;
        }
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join();
    }
}
