package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;

/** Version 1: the classes and the times of their last rollbacks. */
public final class FleetFreezeCodec implements BinaryCodec<FleetFreeze> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(FleetFreeze freeze, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(freeze.rollbacks.size());
        for (Map.Entry<String, Instant> rollback : freeze.rollbacks.entrySet()) {
            out.writeUTF(rollback.getKey());
            out.writeLong(rollback.getValue().toEpochMilli());
        }
    }

    @Override
    public FleetFreeze read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "list of rollbacks");
        FleetFreeze freeze = new FleetFreeze();
        for (int left = in.readInt(); left > 0; left--) {
            freeze.rollbacks.put(in.readUTF(), Instant.ofEpochMilli(in.readLong()));
        }
        return freeze;
    }
}
