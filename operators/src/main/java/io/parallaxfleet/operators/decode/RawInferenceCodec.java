package io.parallaxfleet.operators.decode;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: the length, then the record in the first version of its contract. */
public final class RawInferenceCodec implements BinaryCodec<RawInference> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(RawInference value, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(value.length());
        out.write(value.bytes(), value.start(), value.length());
    }

    @Override
    public RawInference read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "telemetry record");
        return new RawInference(BinaryCodec.readBytes(in), 0);
    }
}
