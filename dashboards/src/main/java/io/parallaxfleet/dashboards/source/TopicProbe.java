package io.parallaxfleet.dashboards.source;

import io.parallaxfleet.schemas.topics.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Which of the fleet's topics there are, in how many partitions, and where to begin to read them. For one thread at a time. */
final class TopicProbe implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofSeconds(4);

    private final KafkaSourceOptions options;
    private final Clock clock;
    private Admin admin;

    /** A topic that was read before is gone or is another one of the same name. */
    static final class TopicsReplacedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    TopicProbe(KafkaSourceOptions options, Clock clock) {
        this.options = options;
        this.clock = clock;
    }

    /** @throws TimeoutException when no broker answers at the start */
    void connect() throws InterruptedException, TimeoutException {
        Properties properties = options.clientProperties();
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) Math.max(options.startTimeout().toMillis(), 5_000));
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
        admin = Admin.create(properties);
        answer(admin.describeCluster().clusterId(), options.startTimeout());
    }

    /**
     * The partitions there are now.
     *
     * @param missing the topics that are not there are added to it
     * @param topicIds what is known of the topics; new ones are added to it
     * @throws TopicsReplacedException when one that is known is gone or another
     * @throws TimeoutException when no broker answers
     */
    Set<TopicPartition> partitions(Collection<String> topics, List<String> missing, Map<String, Uuid> topicIds)
            throws InterruptedException, TimeoutException {
        Set<TopicPartition> partitions = new HashSet<>();
        Map<String, KafkaFuture<TopicDescription>> described =
                new TreeMap<>(admin.describeTopics(topics).topicNameValues());
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic : described.entrySet()) {
            try {
                TopicDescription found = answer(topic.getValue(), ANSWER);
                Uuid known = topicIds.putIfAbsent(topic.getKey(), found.topicId());
                if (known != null && !known.equals(found.topicId())) {
                    throw new TopicsReplacedException();
                }
                for (int partition = 0; partition < found.partitions().size(); partition++) {
                    partitions.add(new TopicPartition(topic.getKey(), partition));
                }
            } catch (UnknownTopicOrPartitionException e) {
                if (topicIds.containsKey(topic.getKey())) {
                    throw new TopicsReplacedException();
                }
                missing.add(topic.getKey());
            }
        }
        return partitions;
    }

    /** Where reading begins: at the first record of what is compacted, at the oldest that is still shown of the rest. */
    Map<TopicPartition, Long> startOffsets(KafkaConsumer<byte[], byte[]> consumer, Set<TopicPartition> fresh) {
        Map<String, Topic> byName =
                Arrays.stream(Topic.values()).collect(Collectors.toMap(Topic::topicName, Function.identity()));
        Set<TopicPartition> whole = new HashSet<>();
        Map<TopicPartition, Long> recent = new HashMap<>();
        long now = clock.millis();
        for (TopicPartition partition : fresh) {
            Topic topic = byName.get(partition.topic());
            if (topic.cleanup() == Topic.Cleanup.COMPACT) {
                whole.add(partition);
            } else {
                Duration back = topic == Topic.AGGREGATES ? options.windowHistory() : options.decisionHistory();
                recent.put(partition, now - back.toMillis());
            }
        }
        // The ends are asked for first: what is written in between is then after a start, not before it.
        Map<TopicPartition, Long> starts = new HashMap<>(consumer.endOffsets(recent.keySet()));
        consumer.offsetsForTimes(recent).forEach((partition, found) -> {
            if (found != null) {
                starts.put(partition, found.offset());
            }
        });
        starts.putAll(consumer.beginningOffsets(whole));
        return starts;
    }

    /** @throws KafkaException the broker's answer where it is an error */
    private static <T> T answer(KafkaFuture<T> future, Duration atMost) throws InterruptedException, TimeoutException {
        try {
            return future.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException kafka) {
                throw kafka;
            }
            throw new KafkaException(e.getCause());
        }
    }

    @Override
    public void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
    }
}
