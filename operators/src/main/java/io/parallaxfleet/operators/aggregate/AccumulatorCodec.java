package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.TreeSet;

/**
 * Version 2: the sketch, the devices, the energy sources, the reasons for fallbacks, then the sums in the order of
 * {@link Accumulator}'s fields; counts in variable length. Version 1 had every device's name and another sketch, and is not read.
 */
public final class AccumulatorCodec implements BinaryCodec<Accumulator> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;
    private static final int TYPICAL_BYTES = 1024;

    @Override
    public void write(Accumulator a, DataOutput out) throws IOException {
        PackedBytes bytes = new PackedBytes(TYPICAL_BYTES);
        bytes.putByte(VERSION);
        a.latency.write(bytes);
        a.devices.write(bytes);
        bytes.putByte(a.energySources.size());
        a.energySources.forEach(bytes::putText);
        for (long reasons : a.fallbackReasons) {
            bytes.putVariable(reasons);
        }
        bytes.putVariable(a.coldCount);
        bytes.putVariable(a.invalidCount);
        bytes.putVariable(a.fallbackCount);
        bytes.putVariable(a.plannedAcceleratorCount);
        bytes.putVariable(a.actualAcceleratorCount);
        bytes.putDouble(a.latencySumNanos);
        bytes.putVariable(a.arenaPeakBytesMax);
        bytes.putDouble(a.overheadSum);
        bytes.putVariable(a.overheadCount);
        bytes.putDouble(a.energySumMicrojoules);
        bytes.putVariable(a.energyCount);
        bytes.writeTo(out);
    }

    @Override
    public Accumulator read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "window accumulator");
        if (version != VERSION) {
            throw new IOException("the saved window accumulator has version " + version + ", which held names of devices; let the "
                    + "build that wrote it close its windows, and start this one without that savepoint");
        }
        LatencySketch latency = LatencySketch.read(in);
        DeviceCount devices = DeviceCount.read(in);
        TreeSet<String> energySources = new TreeSet<>();
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            energySources.add(in.readUTF());
        }
        Accumulator a = new Accumulator(latency, devices, energySources);
        for (int code = 0; code < a.fallbackReasons.length; code++) {
            a.fallbackReasons[code] = VariableLength.read(in);
        }
        a.coldCount = VariableLength.read(in);
        a.invalidCount = VariableLength.read(in);
        a.fallbackCount = VariableLength.read(in);
        a.plannedAcceleratorCount = VariableLength.read(in);
        a.actualAcceleratorCount = VariableLength.read(in);
        a.latencySumNanos = in.readDouble();
        a.arenaPeakBytesMax = VariableLength.read(in);
        a.overheadSum = in.readDouble();
        a.overheadCount = VariableLength.read(in);
        a.energySumMicrojoules = in.readDouble();
        a.energyCount = VariableLength.read(in);
        return a;
    }
}
