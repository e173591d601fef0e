package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Version 1: the fields of {@link LookPart} and of its groups in their order. Version 2 adds what guards, and who is unmetered. */
public final class LookPartCodec implements BinaryCodec<LookPart> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;

    @Override
    public void write(LookPart part, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeUTF(part.classKey().deviceClass());
        out.writeBoolean(part.classKey().simulated());
        out.writeInt(part.subtask());
        out.writeInt(part.subtasks());
        out.writeLong(part.lookMillis());
        out.writeLong(part.epoch());
        out.writeInt(part.devices());
        writeGroup(part.members(), out);
        writeGroup(part.control(), out);
    }

    @Override
    public LookPart read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "part of a look");
        return new LookPart(new ClassKey(in.readUTF(), in.readBoolean()), in.readInt(), in.readInt(), in.readLong(), in.readLong(),
                in.readInt(), readGroup(in, version), readGroup(in, version));
    }

    private static void writeGroup(GroupLook group, DataOutput out) throws IOException {
        out.writeInt(group.withPast());
        out.writeInt(group.reporting());
        out.writeInt(group.ran());
        out.writeInt(group.failing());
        writeMoments(group.mean(), out);
        writeMoments(group.tail(), out);
        writeMoments(group.guard(), out);
        out.writeInt(group.unmetered());
    }

    private static GroupLook readGroup(DataInput in, int version) throws IOException {
        return new GroupLook(in.readInt(), in.readInt(), in.readInt(), in.readInt(), readMoments(in), readMoments(in),
                version >= 2 ? readMoments(in) : Moments.NONE, version >= 2 ? in.readInt() : 0);
    }

    private static void writeMoments(Moments moments, DataOutput out) throws IOException {
        out.writeLong(moments.count());
        out.writeDouble(moments.mean());
        out.writeDouble(moments.squares());
    }

    private static Moments readMoments(DataInput in) throws IOException {
        return new Moments(in.readLong(), in.readDouble(), in.readDouble());
    }
}
