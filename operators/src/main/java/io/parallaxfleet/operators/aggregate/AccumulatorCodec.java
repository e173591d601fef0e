package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Version 1: the sketch, the devices, the energy sources, then the sums in the order of {@link Accumulator}'s fields. */
public final class AccumulatorCodec implements BinaryCodec<Accumulator> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(Accumulator a, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        BinaryCodec.writeBytes(a.latency.toBytes(), out);
        writeAll(a.devices, out);
        writeAll(a.energySources, out);
        out.writeLong(a.coldCount);
        out.writeLong(a.invalidCount);
        out.writeLong(a.fallbackCount);
        out.writeDouble(a.latencySumNanos);
        out.writeLong(a.arenaPeakBytesMax);
        out.writeDouble(a.overheadSum);
        out.writeLong(a.overheadCount);
        out.writeDouble(a.energySumMicrojoules);
        out.writeLong(a.energyCount);
    }

    @Override
    public Accumulator read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "window accumulator");
        LatencySketch latency = LatencySketch.fromBytes(BinaryCodec.readBytes(in));
        Accumulator a = new Accumulator(latency, readAll(in, new HashSet<>()), readAll(in, new TreeSet<>()));
        a.coldCount = in.readLong();
        a.invalidCount = in.readLong();
        a.fallbackCount = in.readLong();
        a.latencySumNanos = in.readDouble();
        a.arenaPeakBytesMax = in.readLong();
        a.overheadSum = in.readDouble();
        a.overheadCount = in.readLong();
        a.energySumMicrojoules = in.readDouble();
        a.energyCount = in.readLong();
        return a;
    }

    private static void writeAll(Set<String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private static Set<String> readAll(DataInput in, Set<String> into) throws IOException {
        for (int left = in.readInt(); left > 0; left--) {
            into.add(in.readUTF());
        }
        return into;
    }
}
