package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/** Version 1: the baselines in their order of use, each with its count and its ring. */
public final class DelegationContrastCodec implements BinaryCodec<DelegationContrast> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(DelegationContrast contrast, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(contrast.baselines.size());
        for (Map.Entry<String, DelegationContrast.Baseline> entry : contrast.baselines.entrySet()) {
            out.writeUTF(entry.getKey());
            out.writeLong(entry.getValue().seen);
            for (long latency : entry.getValue().latenciesNanos) {
                out.writeLong(latency);
            }
        }
    }

    @Override
    public DelegationContrast read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "delegation contrast");
        DelegationContrast contrast = new DelegationContrast();
        for (int left = in.readInt(); left > 0; left--) {
            DelegationContrast.Baseline baseline = new DelegationContrast.Baseline();
            contrast.baselines.put(in.readUTF(), baseline);
            baseline.seen = in.readLong();
            for (int i = 0; i < baseline.latenciesNanos.length; i++) {
                baseline.latenciesNanos[i] = in.readLong();
            }
        }
        return contrast;
    }
}
