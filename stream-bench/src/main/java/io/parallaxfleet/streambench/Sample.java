package io.parallaxfleet.streambench;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Validity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * One branch run or whole inference, in the fewest bytes that are quick to read: 25 and its key.
 *
 * @param kind 0 measured, 1 cold, 2 fallen back, 3 invalid
 */
record Sample(byte kind, long latencyNanos, long peakBytes, long microjoules) {
    private static final KindFunction KIND = new KindFunction();

    /** @param branch -1 for the whole inference */
    record Key(String deviceClass, String model, String planId, int branch, long epoch, boolean explored) {
        String rowKey(long windowStart) {
            return Row.key(windowStart, deviceClass, model, planId, branch, epoch, explored);
        }
    }

    static Sample whole(InferenceTelemetry t) {
        return new Sample(kind(t, 0), t.getLatencyNanos(), t.getArenaPeakBytes(), t.getEnergyMicrojoules());
    }

    static Sample branch(InferenceTelemetry t, int i) {
        return new Sample(kind(t, i + 1), t.getBranchLatencyNanos().get(i), t.getBranchArenaPeakBytes().get(i),
                t.getBranchEnergyMicrojoules().get(i));
    }

    private static byte kind(InferenceTelemetry t, int position) {
        return (byte) KIND.eval(t.getWarmup(), t.getValidity() == Validity.VALID ? "VALID" : t.getValidity().name(),
                t.getBranchPlanned().array(), t.getBranchActual().array(), position);
    }

    static Serde<Sample> serde() {
        return Serdes.serdeFrom((topic, sample) -> ByteBuffer.allocate(1 + 3 * Long.BYTES).put(sample.kind())
                .putLong(sample.latencyNanos()).putLong(sample.peakBytes()).putLong(sample.microjoules()).array(),
                (topic, bytes) -> {
                    ByteBuffer in = ByteBuffer.wrap(bytes);
                    return new Sample(in.get(), in.getLong(), in.getLong(), in.getLong());
                });
    }

    static Serde<Key> keys() {
        return Serdes.serdeFrom((topic, key) -> {
            byte[] names = (key.deviceClass() + "|" + key.model() + "|" + key.planId()).getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(names.length + Integer.BYTES + Long.BYTES + 1).putInt(key.branch()).putLong(key.epoch())
                    .put((byte) (key.explored() ? 1 : 0)).put(names).array();
        }, (topic, bytes) -> {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            int branch = in.getInt();
            long epoch = in.getLong();
            boolean explored = in.get() == 1;
            String[] names = new String(Arrays.copyOfRange(bytes, in.position(), bytes.length), StandardCharsets.UTF_8).split("\\|", -1);
            return new Key(names[0], names[1], names[2], branch, epoch, explored);
        });
    }
}
