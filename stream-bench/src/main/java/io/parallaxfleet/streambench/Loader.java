package io.parallaxfleet.streambench;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.streambench.fleet.BenchFleet;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes a fleet's records to a topic, compressed as agents and simulators compress theirs. */
final class Loader {
    private static final int PARTITIONS = 4;

    private final String bootstrap;
    private final URI registry;

    Loader(String bootstrap, URI registry) {
        this.bootstrap = bootstrap;
        this.registry = registry;
    }

    /**
     * What stands in a topic.
     *
     * @param samples branches and whole inferences
     * @param wireBytes what the broker keeps of it, batches and compression included
     */
    record Loaded(String topic, long records, long samples, long wireBytes) {
        double bytesPerBranch() {
            return (double) wireBytes / (samples - records);
        }
    }

    /** The fleet's first records, up to so many branch samples or a little over. */
    Loaded load(String topic, BenchFleet fleet, long branchSamples) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)
                    .configs(Map.of("retention.ms", "-1", "message.timestamp.type", "CreateTime")))).all().get();
            long records = records(fleet, branchSamples);
            long samples = send(topic, fleet, records);
            long bytes = admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                    .flatMap(directories -> directories.values().stream())
                    .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                    .filter(replica -> replica.getKey().topic().equals(topic))
                    .mapToLong(replica -> replica.getValue().size())
                    .sum();
            return new Loaded(topic, records, samples, bytes);
        }
    }

    // Rounds of the fleet are much alike, so a few tell how many branches a record has.
    private static long records(BenchFleet fleet, long branchSamples) {
        long probed = 0;
        for (int n = 0; n < BenchFleet.DEVICES; n++) {
            probed += fleet.record(n).getBranchLatencyNanos().size();
        }
        return Math.max(1, Math.round((double) branchSamples * BenchFleet.DEVICES / probed));
    }

    private long send(String topic, BenchFleet fleet, long records) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(Contender.PARALLELISM);
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd",
                ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024,
                ProducerConfig.LINGER_MS_CONFIG, 20), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<Long>> parts = new ArrayList<>();
            for (int i = 0; i < Contender.PARALLELISM; i++) {
                int part = i;
                parts.add(threads.submit(() -> sendPart(topic, fleet, records, part, producer, failure)));
            }
            long samples = 0;
            for (Future<Long> part : parts) {
                samples += part.get();
            }
            producer.flush();
            if (failure.get() != null) {
                throw new ExecutionException(failure.get());
            }
            return samples;
        } finally {
            threads.shutdownNow();
        }
    }

    // Each thread has its own devices, so that a device's records stay in order.
    private long sendPart(String topic, BenchFleet fleet, long records, int part, KafkaProducer<byte[], byte[]> producer,
            AtomicReference<Exception> failure) {
        AvroRecordSerializer<InferenceTelemetry> serializer = new AvroRecordSerializer<>(new HttpSchemaRegistry(registry));
        long samples = 0;
        for (long n = part; n < records && failure.get() == null; n += Contender.PARALLELISM) {
            InferenceTelemetry record = fleet.record(n);
            samples += record.getBranchLatencyNanos().size() + 1;
            producer.send(new ProducerRecord<>(topic, null, fleet.eventTimeMillis(n),
                    record.getDeviceId().getBytes(StandardCharsets.UTF_8), serializer.serialize("parallax.telemetry", record)),
                    (metadata, problem) -> {
                        if (problem != null) {
                            failure.compareAndSet(null, problem);
                        }
                    });
        }
        return samples;
    }
}
