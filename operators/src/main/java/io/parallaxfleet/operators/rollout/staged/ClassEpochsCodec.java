package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/** Version 1: the baseline's epoch and the fields of the {@link Trial}, if there is one. */
public final class ClassEpochsCodec implements BinaryCodec<ClassEpochs> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

    @Override
    public void write(ClassEpochs epochs, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(epochs.baselineEpoch());
        out.writeBoolean(epochs.trial().isPresent());
        if (epochs.trial().isPresent()) {
            Trial trial = epochs.trial().get();
            out.writeUTF(trial.rolloutId());
            out.writeLong(trial.epoch());
            out.writeLong(trial.baselineEpoch());
            out.writeInt(trial.membersPerMille());
            out.writeLong(trial.sinceMillis());
        }
    }

    @Override
    public ClassEpochs read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "epochs of a class");
        long baselineEpoch = in.readLong();
        return new ClassEpochs(baselineEpoch, in.readBoolean()
                ? Optional.of(new Trial(in.readUTF(), in.readLong(), in.readLong(), in.readInt(), in.readLong()))
                : Optional.empty());
    }
}
