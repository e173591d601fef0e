package io.parallaxfleet.operators.aggregate;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: the fields in their order; the outcome by its code. Version 2 adds the energy, where it is known, behind them. */
public final class DeviceInferenceCodec implements BinaryCodec<DeviceInference> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;

    @Override
    public void write(DeviceInference value, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeUTF(value.classKey().deviceClass());
        out.writeBoolean(value.classKey().simulated());
        out.writeUTF(value.deviceId());
        out.writeUTF(value.model());
        out.writeLong(value.policyEpoch());
        out.writeBoolean(value.explored());
        out.writeByte(value.outcome().code());
        out.writeLong(value.latencyNanos());
        out.writeBoolean(value.energy() != null);
        if (value.energy() != null) {
            out.writeUTF(value.energy().source());
            out.writeLong(value.energy().microjoules());
        }
    }

    @Override
    public DeviceInference read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "device inference");
        return new DeviceInference(new ClassKey(in.readUTF(), in.readBoolean()), in.readUTF(), in.readUTF(), in.readLong(),
                in.readBoolean(), readOutcome(in), in.readLong(), version >= 2 ? readEnergy(in) : null);
    }

    private static DeviceInference.Energy readEnergy(DataInput in) throws IOException {
        return in.readBoolean() ? new DeviceInference.Energy(in.readUTF(), in.readLong()) : null;
    }

    private static DeviceInference.Outcome readOutcome(DataInput in) throws IOException {
        try {
            return DeviceInference.Outcome.ofCode(in.readUnsignedByte());
        } catch (IllegalArgumentException e) {
            throw new IOException("the saved device inference cannot be read: " + e.getMessage(), e);
        }
    }
}
