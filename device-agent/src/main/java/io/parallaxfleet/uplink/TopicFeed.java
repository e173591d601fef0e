package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a compacted topic of one partition from its beginning on a thread of its own and hands the records on, in order. No consumer
 * group: every device reads everything, and what it makes of records that it saw before is for the listener to say. A record of another
 * type is counted and costs one warning; of thresholds the job reads the topic too and puts it into the dead letters, once and not once
 * a device. A registry that is away is waited for, since its absence says nothing of the record.
 */
public final class TopicFeed<T extends SpecificRecord> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_MILLIS = 2_000;

    private final BrokerAddress address;
    private final TopicPartition partition;
    private final String type;
    private final AvroRecordDeserializer<T> deserializer;
    private final Consumer<List<T>> listener;
    private final AgentEvents events;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile KafkaConsumer<byte[], byte[]> consumer;
    private long nextOffset;
    /** Written by the feed's thread alone. */
    private volatile long ignored;

    /**
     * @param topic of one partition
     * @param type of its values
     * @param listener gets every poll's records on the feed's thread
     */
    public TopicFeed(BrokerAddress address, SchemaRegistry registry, Topic topic, Class<T> type, Consumer<List<T>> listener,
            AgentEvents events) {
        if (topic.partitions() != 1) {
            throw new IllegalArgumentException(topic.topicName() + " has " + topic.partitions() + " partitions; a feed reads one");
        }
        this.address = address;
        this.partition = new TopicPartition(topic.topicName(), 0);
        this.type = type.getSimpleName();
        this.deserializer = new AvroRecordDeserializer<>(registry, type);
        this.listener = listener;
        this.events = events;
        this.thread = new Thread(this::run, topic.topicName() + "-feed");
        thread.setDaemon(true);
    }

    /** Records on the topic that are of another type. */
    public long ignored() {
        return ignored;
    }

    public void start() {
        thread.start();
    }

    private void run() {
        boolean said = false;
        try {
            while (stop.getCount() > 0) {
                try (KafkaConsumer<byte[], byte[]> fresh = newConsumer()) {
                    consumer = fresh;
                    fresh.assign(List.of(partition));
                    fresh.seek(partition, nextOffset);
                    while (stop.getCount() > 0) {
                        take(fresh);
                        said = false;
                    }
                } catch (WakeupException e) {
                    return;
                } catch (KafkaException | SchemaRegistryException e) {
                    if (!said) {
                        events.warn(partition.topic() + " cannot be read: " + KafkaSink.rootMessage(e) + "; it is tried again");
                        said = true;
                    }
                    stop.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(KafkaConsumer<byte[], byte[]> from) {
        List<T> values = new ArrayList<>();
        try {
            for (ConsumerRecord<byte[], byte[]> record : from.poll(POLL)) {
                decode(record, values);
                nextOffset = record.offset() + 1;
            }
        } finally {
            // What came before a record that has to wait for the registry is not read again.
            if (!values.isEmpty()) {
                listener.accept(values);
            }
        }
    }

    void decode(ConsumerRecord<byte[], byte[]> record, List<T> values) {
        try {
            T value = deserializer.deserialize(record.topic(), record.value());
            if (value != null) {
                values.add(value);
            }
        } catch (UndecodableRecordException e) {
            ignored++;
            events.warn("record " + record.topic() + "/" + record.partition() + "@" + record.offset() + " is no " + type + ": "
                    + e.getMessage() + "; it is ignored (" + ignored + " so far)");
        }
    }

    private KafkaConsumer<byte[], byte[]> newConsumer() {
        return new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, address.bootstrap(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false,
                // The job publishes in transactions: an update of one that was aborted was never issued.
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        stop.countDown();
        KafkaConsumer<byte[], byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
