package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads what the fleet publishes about itself, from the beginning of the topics, on a thread of its own. It sees what any
 * consumer sees: nothing is taken from the components directly. Thread-safe.
 */
public final class FleetObserver implements AutoCloseable {
    private static final List<Topic> TOPICS =
            List.of(Topic.DEVICES, Topic.AGGREGATES, Topic.THRESHOLDS, Topic.THRESHOLD_ACKS, Topic.ROLLOUTS, Topic.DEAD_LETTERS);
    private static final Duration POLL = Duration.ofMillis(250);

    private final Consumer<String, byte[]> consumer;
    private final AvroRecordDeserializer<DeviceProfile> devices;
    private final AvroRecordDeserializer<ClassAggregate> aggregates;
    private final AvroRecordDeserializer<ThresholdUpdate> thresholds;
    private final AvroRecordDeserializer<ThresholdAck> acks;
    private final AvroRecordDeserializer<RolloutEvent> rollouts;
    private final Thread thread;
    /** Guarded by itself. */
    private final FleetState state;
    private volatile Optional<RuntimeException> failure = Optional.empty();

    private FleetObserver(Consumer<String, byte[]> consumer, SchemaRegistry registry, StartPolicy startPolicy) {
        this.consumer = consumer;
        this.devices = new AvroRecordDeserializer<>(registry, DeviceProfile.class);
        this.aggregates = new AvroRecordDeserializer<>(registry, ClassAggregate.class);
        this.thresholds = new AvroRecordDeserializer<>(registry, ThresholdUpdate.class);
        this.acks = new AvroRecordDeserializer<>(registry, ThresholdAck.class);
        this.rollouts = new AvroRecordDeserializer<>(registry, RolloutEvent.class);
        this.state = new FleetState(startPolicy);
        this.thread = new Thread(this::poll, "fleet-observer");
        thread.setDaemon(true);
    }

    /**
     * Starts to read.
     *
     * @param clientSettings Kafka client settings, at least {@code bootstrap.servers}
     */
    public static FleetObserver start(Map<String, Object> clientSettings, SchemaRegistry registry, StartPolicy startPolicy) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        // The job writes its results in transactions.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (Topic topic : TOPICS) {
            for (int partition = 0; partition < topic.partitions(); partition++) {
                partitions.add(new TopicPartition(topic.topicName(), partition));
            }
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        FleetObserver observer = new FleetObserver(consumer, registry, startPolicy);
        observer.thread.start();
        return observer;
    }

    /** One story per class, by class name. */
    public List<ClassStory> stories() {
        synchronized (state) {
            return state.stories();
        }
    }

    /** The newest whole-inference window of every model of a class. */
    public SortedMap<String, ClassAggregate> latestWindows(String deviceClass) {
        synchronized (state) {
            return state.latestWindows(deviceClass);
        }
    }

    /** Records that some component could not use. */
    public long deadLetters() {
        synchronized (state) {
            return state.deadLetters();
        }
    }

    /** Why reading ended; empty while it goes on. */
    public Optional<RuntimeException> failure() {
        return failure;
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(10).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void poll() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    apply(record);
                }
            }
        } catch (WakeupException closed) {
            // How close() ends the loop.
        } catch (RuntimeException e) {
            failure = Optional.of(e);
        }
    }

    private void apply(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return;
        }
        if (record.topic().equals(Topic.DEAD_LETTERS.topicName())) {
            synchronized (state) {
                state.deadLetter();
            }
            return;
        }
        SpecificRecord decoded;
        try {
            decoded = decode(record);
        } catch (UndecodableRecordException e) {
            // Another writer's garbage is the job's to report; an observer only has to survive it.
            return;
        }
        synchronized (state) {
            if (decoded instanceof DeviceProfile profile) {
                state.device(profile);
            } else if (decoded instanceof ClassAggregate window) {
                state.aggregate(window);
            } else if (decoded instanceof ThresholdUpdate update) {
                state.thresholds(update);
            } else if (decoded instanceof ThresholdAck ack) {
                state.ack(ack);
            } else if (decoded instanceof RolloutEvent event) {
                state.decision(event);
            }
        }
    }

    private SpecificRecord decode(ConsumerRecord<String, byte[]> record) {
        String topic = record.topic();
        if (topic.equals(Topic.DEVICES.topicName())) {
            return devices.deserialize(topic, record.value());
        }
        if (topic.equals(Topic.AGGREGATES.topicName())) {
            return aggregates.deserialize(topic, record.value());
        }
        if (topic.equals(Topic.THRESHOLDS.topicName())) {
            return thresholds.deserialize(topic, record.value());
        }
        if (topic.equals(Topic.ROLLOUTS.topicName())) {
            return rollouts.deserialize(topic, record.value());
        }
        return acks.deserialize(topic, record.value());
    }
}
