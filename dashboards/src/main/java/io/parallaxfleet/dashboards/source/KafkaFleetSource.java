package io.parallaxfleet.dashboards.source;

import io.parallaxfleet.dashboards.view.FleetView;
import io.parallaxfleet.dashboards.view.SourceStatus;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the fleet's topics: devices, plans and thresholds from their beginning, the others from some time back. Partitions
 * are assigned, not subscribed: every dashboard sees every record and leaves no group behind. Topics that do not exist yet are
 * waited for. A lost broker is reported to the view and waited for; topics that come back as others start the
 * view over.
 */
public final class KafkaFleetSource implements FleetSource {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaFleetSource.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration RETRY = Duration.ofSeconds(2);
    private static final int REGISTRY_ATTEMPTS = 15;
    /** More than a probe waits for an answer. */
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(10);

    private final KafkaSourceOptions options;
    private final Clock clock;
    private final TopicProbe topics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private FleetView view;
    private RecordDispatcher dispatcher;
    private Thread reader;
    private long nextProbeNanos;

    public KafkaFleetSource(KafkaSourceOptions options, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.topics = new TopicProbe(options, clock);
    }

    @Override
    public void start(FleetView into) {
        view = into;
        dispatcher = new RecordDispatcher(into, new HttpSchemaRegistry(options.registry()));
        try {
            topics.connect();
        } catch (KafkaException | TimeoutException e) {
            close();
            throw new BrokerUnavailableException("no Kafka broker answers at " + options.bootstrap() + " within "
                    + options.startTimeout().toSeconds() + " s; check --bootstrap and that a broker is running", e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new BrokerUnavailableException("interrupted while connecting to " + options.bootstrap(), e);
        }
        reader = new Thread(this::read, "fleet-source");
        reader.setDaemon(true);
        reader.start();
    }

    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        if (reader != null) {
            try {
                reader.join(CLOSE_PATIENCE.toMillis());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        topics.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        try {
            while (isOpen()) {
                try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerProperties())) {
                    readWith(consumer);
                } catch (TopicProbe.TopicsReplacedException e) {
                    LOG.info("the topics at {} are not those that were read before; starting over", options.bootstrap());
                    view.reset();
                } catch (KafkaException e) {
                    LOG.warn("reading from {} failed, trying again", options.bootstrap(), e);
                    // Offsets died with the consumer, so all is read again; the view starts over with it.
                    lost(e.getMessage());
                    pause(RETRY);
                    view.reset();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void readWith(KafkaConsumer<byte[], byte[]> consumer) throws InterruptedException {
        Set<TopicPartition> assigned = new HashSet<>();
        Map<String, Uuid> topicIds = new HashMap<>();
        nextProbeNanos = System.nanoTime();
        while (isOpen()) {
            if (System.nanoTime() - nextProbeNanos >= 0) {
                probe(consumer, assigned, topicIds);
                nextProbeNanos = System.nanoTime() + options.probeInterval().toNanos();
            }
            if (assigned.isEmpty()) {
                pause(POLL);
                continue;
            }
            for (ConsumerRecord<byte[], byte[]> raw : consumer.poll(POLL)) {
                dispatchWithPatience(raw);
                if (!isOpen()) {
                    return;
                }
            }
        }
    }

    /** Asks whether the brokers are there and the topics the same, and takes up topics and partitions that are new. */
    private void probe(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> assigned, Map<String, Uuid> topicIds)
            throws InterruptedException {
        try {
            List<String> missing = new ArrayList<>();
            Set<TopicPartition> fresh = topics.partitions(dispatcher.topics(), missing, topicIds);
            fresh.removeAll(assigned);
            if (!fresh.isEmpty()) {
                Map<TopicPartition, Long> starts = topics.startOffsets(consumer, fresh);
                assigned.addAll(fresh);
                consumer.assign(assigned);
                starts.forEach(consumer::seek);
            }
            report(SourceStatus.State.LIVE, "reading from " + options.bootstrap(), missing);
        } catch (TimeoutException | org.apache.kafka.common.errors.TimeoutException e) {
            lost("no Kafka broker answers at " + options.bootstrap() + "; the page goes on by itself when one does");
        }
    }

    /**
     * Dispatches a record. While the registry does not answer it waits, since without it every record would look broken; not
     * for ever, since a registry may also choke on the one schema id of a broken record.
     */
    private void dispatchWithPatience(ConsumerRecord<byte[], byte[]> raw) throws InterruptedException {
        for (int attempt = 1; isOpen(); attempt++) {
            try {
                dispatcher.dispatch(raw);
                return;
            } catch (SchemaRegistryException e) {
                lost(e.getMessage());
                if (attempt == REGISTRY_ATTEMPTS) {
                    dispatcher.giveUp(raw, e.getMessage());
                    return;
                }
                pause(RETRY);
                // The next probe says that the source is live again.
                nextProbeNanos = System.nanoTime();
            }
        }
    }

    private void lost(String detail) {
        report(SourceStatus.State.LOST, detail, List.of());
    }

    private void report(SourceStatus.State state, String detail, List<String> missing) {
        SourceStatus last = view.sourceStatus();
        if (last.state() != state || !last.detail().equals(detail) || !last.missingTopics().equals(missing)) {
            view.sourceStatus(new SourceStatus(state, detail, last.state() == state ? last.since() : clock.instant(), missing));
        }
    }

    private boolean isOpen() {
        return closing.getCount() > 0;
    }

    private void pause(Duration time) throws InterruptedException {
        closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private Properties consumerProperties() {
        Properties properties = options.clientProperties();
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // The job writes its results in transactions.
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        return properties;
    }
}
