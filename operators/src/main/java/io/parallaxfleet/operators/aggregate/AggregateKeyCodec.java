package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: the fields in their order; those that a whole inference lacks after a flag. Equal keys give equal bytes. */
public final class AggregateKeyCodec implements BinaryCodec<AggregateKey> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(AggregateKey key, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeUTF(key.classKey().deviceClass());
        out.writeBoolean(key.classKey().simulated());
        out.writeUTF(key.model());
        out.writeBoolean(key.whole());
        if (!key.whole()) {
            out.writeUTF(key.branch());
            out.writeUTF(key.placement());
            out.writeUTF(key.planId());
        }
        out.writeLong(key.policyEpoch());
        out.writeBoolean(key.explored());
    }

    @Override
    public AggregateKey read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "aggregate key");
        ClassKey classKey = new ClassKey(in.readUTF(), in.readBoolean());
        String model = in.readUTF();
        boolean whole = in.readBoolean();
        String branch = whole ? null : in.readUTF();
        String placement = whole ? null : in.readUTF();
        String planId = whole ? null : in.readUTF();
        return new AggregateKey(classKey, model, branch, placement, planId, in.readLong(), in.readBoolean());
    }
}
