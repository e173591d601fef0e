package io.parallaxfleet.streambench;

import io.parallaxfleet.quickstart.Directories;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/**
 * The same aggregates with Kafka Streams: branches by flatMap, a repartition topic by key, windows in memory without a changelog,
 * which is the fastest it can do and more than it could afford to lose. As SQL, it looks for no duplicates and joins no plan. Stores
 * keep bytes, so that every sample reads and writes its window's sketch unless the cache holds it.
 */
final class StreamsContender implements Contender {
    private static final String STORE = "windows";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    // Wide enough for whatever order partitions are read in.
    private static final Duration GRACE = Duration.ofHours(1);
    private static final long CACHE_BYTES = 256L << 20;

    private final AtomicLong drains = new AtomicLong();

    @Override
    public List<Row> drain(Task task) throws Exception {
        Path directory = Files.createTempDirectory("stream-bench-streams-");
        AtomicLong seen = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        StreamsBuilder builder = builder(task, seen);
        try (KafkaStreams streams = new KafkaStreams(builder.build(), properties(task, directory))) {
            streams.setUncaughtExceptionHandler(cause -> {
                failure.set(cause);
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            streams.start();
            long start = System.nanoTime();
            while (seen.get() < task.samples()) {
                if (failure.get() != null) {
                    throw new IllegalStateException("Kafka Streams failed", failure.get());
                }
                if (System.nanoTime() - start > PATIENCE.toNanos()) {
                    throw new IllegalStateException("Kafka Streams took " + seen.get() + " of " + task.samples() + " samples in "
                            + PATIENCE.toSeconds() + " s");
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            return rows(streams);
        } finally {
            Directories.delete(directory);
        }
    }

    private static StreamsBuilder builder(Task task, AtomicLong seen) {
        AvroRecordDeserializer<InferenceTelemetry> telemetry =
                new AvroRecordDeserializer<>(new HttpSchemaRegistry(task.registry()), InferenceTelemetry.class);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(task.topic(), Consumed.with(Serdes.ByteArray(), Serdes.serdeFrom((topic, value) -> {
                    throw new UnsupportedOperationException("telemetry is only read");
                }, (topic, bytes) -> {
                    Clock.recordRead();
                    return telemetry.deserialize(topic, bytes);
                })).withTimestampExtractor((record, partitionTime) ->
                        ((InferenceTelemetry) record.value()).getTimestamp().toEpochMilli()))
                .flatMap((key, inference) -> samples(inference))
                .groupByKey(Grouped.with(Sample.keys(), Sample.serde()))
                .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMillis(WINDOW_MILLIS), GRACE))
                .aggregate(Summary::new, (key, sample, summary) -> {
                    seen.incrementAndGet();
                    return summary.add(sample);
                }, Materialized.<Sample.Key, Summary>as(Stores.inMemoryWindowStore(STORE, GRACE.plusMinutes(5),
                        Duration.ofMillis(WINDOW_MILLIS), false))
                        .withKeySerde(Sample.keys()).withValueSerde(Summary.serde()).withLoggingDisabled().withCachingEnabled());
        return builder;
    }

    private Properties properties(Task task, Path directory) {
        Properties properties = new Properties();
        // A new name each time starts at the topic's start.
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "stream-bench-" + ProcessHandle.current().pid() + "-"
                + drains.incrementAndGet());
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, task.bootstrap());
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, PARALLELISM);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 * 1024);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 50);
        return properties;
    }

    private static List<KeyValue<Sample.Key, Sample>> samples(InferenceTelemetry t) {
        List<KeyValue<Sample.Key, Sample>> samples = new ArrayList<>(t.getBranchLatencyNanos().size() + 1);
        samples.add(KeyValue.pair(new Sample.Key(t.getDeviceClass(), t.getModel(), "", -1, t.getPolicyEpoch(), t.getExplored()),
                Sample.whole(t)));
        for (int i = 0; i < t.getBranchLatencyNanos().size(); i++) {
            samples.add(KeyValue.pair(new Sample.Key(t.getDeviceClass(), t.getModel(), t.getPlanId(), i, t.getPolicyEpoch(),
                    t.getExplored()), Sample.branch(t, i)));
        }
        return samples;
    }

    private static List<Row> rows(KafkaStreams streams) {
        List<Row> rows = new ArrayList<>();
        try (KeyValueIterator<Windowed<Sample.Key>, Summary> all = streams
                .store(StoreQueryParameters.fromNameAndType(STORE, QueryableStoreTypes.<Sample.Key, Summary>windowStore())).all()) {
            all.forEachRemaining(window -> rows.add(window.value.row(window.key.key().rowKey(window.key.window().start()))));
        }
        return rows;
    }
}
