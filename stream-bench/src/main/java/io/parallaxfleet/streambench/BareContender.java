package io.parallaxfleet.streambench;

import io.parallaxfleet.operators.decode.DecodeResult;
import io.parallaxfleet.operators.decode.InferenceReader;
import io.parallaxfleet.operators.decode.RawRecord;
import io.parallaxfleet.operators.decode.TelemetryDecoder;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Plain consumers that check and read each record and drop it: what no engine on top of Kafka can be faster than. */
final class BareContender implements Contender {
    @Override
    public List<Row> drain(Task task) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PARALLELISM);
        try {
            List<Future<Long>> parts = new ArrayList<>();
            for (int i = 0; i < PARALLELISM; i++) {
                int part = i;
                parts.add(threads.submit(() -> drainPart(task, part)));
            }
            long samples = 0;
            for (Future<Long> part : parts) {
                samples += part.get();
            }
            if (samples != task.samples()) {
                throw new IllegalStateException("read " + samples + " samples of " + task.samples());
            }
            return List.of();
        } finally {
            threads.shutdownNow();
        }
    }

    private static long drainPart(Task task, int part) {
        TelemetryDecoder decoder = new TelemetryDecoder(new HttpSchemaRegistry(task.registry()), java.time.Clock.systemUTC());
        InferenceReader reader = new InferenceReader();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, task.bootstrap(), ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> mine = consumer.partitionsFor(task.topic()).stream()
                    .filter(partition -> partition.partition() % PARALLELISM == part)
                    .map(partition -> new TopicPartition(task.topic(), partition.partition()))
                    .toList();
            consumer.assign(mine);
            consumer.seekToBeginning(mine);
            long left = consumer.endOffsets(mine).values().stream().mapToLong(Long::longValue).sum();
            long samples = 0;
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Clock.recordRead();
                    samples += read(record, decoder, reader);
                    left--;
                }
            }
            return samples;
        }
    }

    private static long read(ConsumerRecord<byte[], byte[]> record, TelemetryDecoder decoder, InferenceReader reader) {
        DecodeResult result = decoder.decode(new RawRecord(record.topic(), record.partition(), record.offset(), record.timestamp(),
                record.value()));
        if (!(result instanceof DecodeResult.Decoded decoded)) {
            throw new IllegalStateException("a record of the benchmark was refused: " + result);
        }
        reader.read(decoded.inference());
        return reader.branches() + 1;
    }
}
