package io.parallaxfleet.streambench.fleet;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.avro.Schema;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.junit.jupiter.api.Test;

/**
 * Bytes on the wire for a branch sample, in Kafka batches as an agent's producer makes them: one device's inferences of one model of 40 to
 * 60 branches, which it runs in bursts and sends together.
 */
class WireSizeTest {
    private static final long START = 1_760_000_000_000L;
    private static final int DEVICES = 24;
    private static final int BURSTS = 5;
    private static final long MILLIS_BETWEEN_RUNS = 40;

    private final BenchFleet fleet = new BenchFleet(START, DEVICES);
    private final AvroRecordSerializer<InferenceTelemetry> serializer = new AvroRecordSerializer<>(new OneSchema());

    @Test
    void aBurstOfAnAgentTakesLessThanEightBytesASample() {
        assertTrue(bytesPerBranch(20) < 6.8, bytesPerBranch(20) + " bytes");
    }

    @Test
    void soDoFiveInferencesOfAModelTooSlowForMoreInABurst() {
        assertTrue(bytesPerBranch(5) < 8, bytesPerBranch(5) + " bytes");
    }

    @Test
    void anInferenceAloneTakesLessThanFifteen() {
        assertTrue(bytesPerBranch(1) < 15, bytesPerBranch(1) + " bytes");
    }

    private double bytesPerBranch(int inferences) {
        long bytes = 0;
        long branches = 0;
        for (int device = 0; device < DEVICES; device++) {
            for (int burst = 0; burst < BURSTS; burst++) {
                List<InferenceTelemetry> records = burst(device, burst, inferences);
                branches += records.stream().mapToLong(record -> record.getBranchLatencyNanos().size()).sum();
                bytes += MemoryRecords.withRecords(Compression.zstd().build(), batch(records)).sizeInBytes();
            }
        }
        return (double) bytes / branches;
    }

    // A device of this fleet runs its models in turn: every so many rounds the same one.
    private List<InferenceTelemetry> burst(int device, int burst, int inferences) {
        return LongStream.range(0, inferences)
                .mapToObj(run -> fleet.record(device + DEVICES * (burst + BenchFleet.MODELS * (burst * 20L + run))))
                .toList();
    }

    private SimpleRecord[] batch(List<InferenceTelemetry> records) {
        SimpleRecord[] batch = new SimpleRecord[records.size()];
        for (int i = 0; i < batch.length; i++) {
            InferenceTelemetry record = records.get(i);
            batch[i] = new SimpleRecord(START + i * MILLIS_BETWEEN_RUNS, record.getDeviceId().getBytes(StandardCharsets.UTF_8),
                    serializer.serialize(Topic.TELEMETRY.topicName(), record));
        }
        return batch;
    }

    /** A registry that gives every schema the same number, as it has four bytes in any case. */
    private static final class OneSchema implements SchemaRegistry {
        @Override
        public int register(String subject, Schema schema) {
            return 1;
        }

        @Override
        public Schema byId(int id) {
            return InferenceTelemetry.getClassSchema();
        }
    }
}
