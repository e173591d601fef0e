package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/**
 * Version 3: the baselines in their order of use, each with the hash of its model, its count and what its ring holds, as
 * {@code round(100 ln T)}: the middle one in 16 bits, each in a byte of what it is above or below that. Half a percent is nothing beside
 * the scatter of runs, and beyond a factor of 3.5 it does not matter to a median by how much; there is one of these for each device and
 * model. Version 2 had {@code round(2000 ln T)} in 16 bits each, version 1 the model's name and the whole ring in nanoseconds.
 */
public final class DelegationContrastCodec implements BinaryCodec<DelegationContrast> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 3;
    private static final double STEPS = 100;
    private static final double STEPS_OF_VERSION_2 = 2000;

    @Override
    public void write(DelegationContrast contrast, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeByte(contrast.baselines.size());
        for (Map.Entry<Integer, DelegationContrast.Baseline> entry : contrast.baselines.entrySet()) {
            DelegationContrast.Baseline baseline = entry.getValue();
            out.writeInt(entry.getKey());
            VariableLength.write(baseline.seen, out);
            long[] steps = Arrays.stream(baseline.latenciesNanos, 0, baseline.held())
                    .map(nanos -> Math.round(STEPS * Math.log(Math.max(1, nanos)))).toArray();
            long middle = Arrays.stream(steps).sorted().skip(steps.length / 2).findFirst().orElse(0);
            out.writeShort((int) middle);
            for (long step : steps) {
                out.writeByte((int) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, step - middle)));
            }
        }
    }

    @Override
    public DelegationContrast read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "delegation contrast");
        DelegationContrast contrast = new DelegationContrast();
        for (int left = version == 1 ? in.readInt() : in.readUnsignedByte(); left > 0; left--) {
            DelegationContrast.Baseline baseline = new DelegationContrast.Baseline();
            contrast.baselines.put(version == 1 ? in.readUTF().hashCode() : in.readInt(), baseline);
            baseline.seen = version == 1 ? in.readLong() : VariableLength.read(in);
            int held = version == 1 ? DelegationContrast.RUNS : baseline.held();
            int middle = version == 3 ? in.readUnsignedShort() : 0;
            for (int i = 0; i < held; i++) {
                baseline.latenciesNanos[i] = switch (version) {
                    case 1 -> in.readLong();
                    case 2 -> Math.round(Math.exp(in.readUnsignedShort() / STEPS_OF_VERSION_2));
                    default -> Math.round(Math.exp((middle + in.readByte()) / STEPS));
                };
            }
        }
        return contrast;
    }
}
