package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/**
 * Version 2: the baselines in their order of use, each with the hash of its model, its count and what its ring holds, as
 * {@code round(2000 ln T)} in 16 bits: 0.025 % is nothing beside the scatter of runs, and there is one of these for each device and
 * model. Version 1 had the model's name and the whole ring in nanoseconds.
 */
public final class DelegationContrastCodec implements BinaryCodec<DelegationContrast> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;
    /** Up to two days in nanoseconds. */
    private static final double STEPS = 2000;
    private static final int MAX_CODE = 0xffff;

    @Override
    public void write(DelegationContrast contrast, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeByte(contrast.baselines.size());
        for (Map.Entry<Integer, DelegationContrast.Baseline> entry : contrast.baselines.entrySet()) {
            DelegationContrast.Baseline baseline = entry.getValue();
            out.writeInt(entry.getKey());
            VariableLength.write(baseline.seen, out);
            for (int i = 0; i < baseline.held(); i++) {
                out.writeShort((int) Math.min(MAX_CODE, Math.round(STEPS * Math.log(Math.max(1, baseline.latenciesNanos[i])))));
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
            for (int i = 0; i < held; i++) {
                baseline.latenciesNanos[i] = version == 1 ? in.readLong() : Math.round(Math.exp(in.readUnsignedShort() / STEPS));
            }
        }
        return contrast;
    }
}
