package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.schemas.topics.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How far the job has read the telemetry: up to what its checkpoints committed. */
final class JobProgress implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private static final long LOOK_MILLIS = 500;

    private final Admin admin;

    JobProgress(String bootstrap) {
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    }

    /** Waits until a completed checkpoint holds everything that stands in the topic now. */
    void awaitAll() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> partitions = IntStream.range(0, Topic.TELEMETRY.partitions())
                .mapToObj(partition -> new TopicPartition(Topic.TELEMETRY.topicName(), partition))
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        long end = admin.listOffsets(partitions).all().get().values().stream().mapToLong(offset -> offset.offset()).sum();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (committed() < end) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("the job has read " + committed() + " of " + end + " records after " + PATIENCE);
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private long committed() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                admin.listConsumerGroupOffsets(JobOptions.DEFAULT_GROUP).partitionsToOffsetAndMetadata().get();
        return offsets.entrySet().stream().filter(offset -> offset.getKey().topic().equals(Topic.TELEMETRY.topicName()))
                .mapToLong(offset -> offset.getValue().offset()).sum();
    }

    @Override
    public void close() {
        admin.close();
    }
}
