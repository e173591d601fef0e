package io.parallaxfleet.streambench;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** A window of one key in Kafka Streams, with the job's own sketch. */
final class Summary {
    private static final int FIXED_BYTES = 3 * Long.BYTES + 2 * Double.BYTES + Long.BYTES;

    private final LatencySketch latency;
    private long cold;
    private long fallback;
    private long invalid;
    private double latencySum;
    private double energySum;
    private long peakMax;

    Summary() {
        this(new LatencySketch());
    }

    private Summary(LatencySketch latency) {
        this.latency = latency;
    }

    Summary add(Sample sample) {
        switch (sample.kind()) {
            case 0 -> {
                latency.add(sample.latencyNanos());
                latencySum += sample.latencyNanos();
                energySum += sample.microjoules();
                peakMax = Math.max(peakMax, sample.peakBytes());
            }
            case 1 -> cold++;
            case 2 -> fallback++;
            default -> invalid++;
        }
        return this;
    }

    Row row(String key) {
        long count = latency.count();
        return count == 0
                ? new Row(key, 0, cold, invalid, fallback, 0, 0, 0, 0, 0, 0)
                : new Row(key, count, cold, invalid, fallback, latency.quantile(0.5), latency.quantile(0.9), latency.quantile(0.99),
                        latencySum / count, peakMax, energySum / count);
    }

    static Serde<Summary> serde() {
        return Serdes.serdeFrom((topic, summary) -> {
            byte[] sketch = summary.latency.toBytes();
            return ByteBuffer.allocate(FIXED_BYTES + sketch.length).putLong(summary.cold).putLong(summary.fallback)
                    .putLong(summary.invalid).putDouble(summary.latencySum).putDouble(summary.energySum).putLong(summary.peakMax)
                    .put(sketch).array();
        }, (topic, bytes) -> {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            byte[] sketch = new byte[bytes.length - FIXED_BYTES];
            in.position(FIXED_BYTES);
            in.get(sketch);
            in.rewind();
            Summary summary = new Summary(LatencySketch.fromBytes(sketch));
            summary.cold = in.getLong();
            summary.fallback = in.getLong();
            summary.invalid = in.getLong();
            summary.latencySum = in.getDouble();
            summary.energySum = in.getDouble();
            summary.peakMax = in.getLong();
            return summary;
        });
    }
}
