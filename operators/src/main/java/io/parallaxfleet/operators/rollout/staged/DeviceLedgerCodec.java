package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Version 1: epochs, times in whole seconds, one byte of flags, the models. Version 2 has the criterion among the flags and, where
 * anything guards, the meter's hash and ten bytes behind each model. There is one of these for each device of the fleet, so every byte
 * counts: 31 and 42 for each model, or, where anything guards, 35 and 52.
 */
public final class DeviceLedgerCodec implements BinaryCodec<DeviceLedger> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;
    private static final int RAN_SINCE = 1;
    private static final int RAN_SINCE_LOOK = 2;
    private static final int FAILED_SINCE_LOOK = 4;
    private static final int METERED = 8;
    private static final int GUARDED = 16;
    private static final int CRITERION_SHIFT = 5;

    @Override
    public void write(DeviceLedger ledger, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(ledger.pastEpoch);
        out.writeLong(ledger.trialEpoch);
        writeSeconds(ledger.failedEarlierMillis, out);
        writeSeconds(ledger.failedInPastMillis, out);
        writeSeconds(ledger.lastRunMillis, out);
        boolean metered = ledger.energySource != 0;
        boolean guarded = ledger.models.stream().anyMatch(model -> model.guardRunsBefore + model.guardRunsSince > 0);
        out.writeByte((metered ? METERED : 0) | (guarded ? GUARDED : 0) | ledger.criterion.code() << CRITERION_SHIFT
                | (ledger.ranSince ? RAN_SINCE : 0) | (ledger.ranSinceLook ? RAN_SINCE_LOOK : 0)
                | (ledger.failedSinceLook ? FAILED_SINCE_LOOK : 0));
        if (metered) {
            out.writeInt(ledger.energySource);
        }
        out.writeByte(ledger.models.size());
        for (ModelLedger model : ledger.models) {
            write(model, out);
            if (guarded) {
                out.writeByte(model.guardRunsBefore);
                out.writeFloat(model.guardMeanBefore);
                out.writeByte(model.guardRunsSince);
                out.writeFloat(model.guardMeanSince);
            }
        }
    }

    private static void write(ModelLedger model, DataOutput out) throws IOException {
        out.writeInt(model.modelHash);
        out.writeFloat(model.referenceMean);
        out.writeFloat(model.scatter);
        out.writeShort(model.runsBefore);
        out.writeShort(model.countedBefore);
        out.writeFloat(model.meanBefore);
        writeAll(model.aboveBefore, out);
        out.writeShort(model.runsSince);
        out.writeFloat(model.meanSince);
        writeAll(model.aboveSince, out);
    }

    @Override
    public DeviceLedger read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "device ledger");
        DeviceLedger ledger = new DeviceLedger();
        ledger.pastEpoch = in.readLong();
        ledger.trialEpoch = in.readLong();
        ledger.failedEarlierMillis = readSeconds(in);
        ledger.failedInPastMillis = readSeconds(in);
        ledger.lastRunMillis = readSeconds(in);
        int flags = in.readUnsignedByte();
        ledger.ranSince = (flags & RAN_SINCE) != 0;
        ledger.ranSinceLook = (flags & RAN_SINCE_LOOK) != 0;
        ledger.failedSinceLook = (flags & FAILED_SINCE_LOOK) != 0;
        ledger.criterion = Criterion.ofCode(flags >> CRITERION_SHIFT);
        if ((flags & METERED) != 0) {
            ledger.energySource = in.readInt();
        }
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            ModelLedger model = readModel(in);
            ledger.models.add(model);
            if ((flags & GUARDED) != 0) {
                model.guardRunsBefore = in.readUnsignedByte();
                model.guardMeanBefore = in.readFloat();
                model.guardRunsSince = in.readUnsignedByte();
                model.guardMeanSince = in.readFloat();
            }
        }
        return ledger;
    }

    private static ModelLedger readModel(DataInput in) throws IOException {
        ModelLedger model = new ModelLedger(in.readInt());
        model.referenceMean = in.readFloat();
        model.scatter = in.readFloat();
        model.runsBefore = in.readUnsignedShort();
        model.countedBefore = in.readUnsignedShort();
        model.meanBefore = in.readFloat();
        readAll(in, model.aboveBefore);
        model.runsSince = in.readUnsignedShort();
        model.meanSince = in.readFloat();
        readAll(in, model.aboveSince);
        return model;
    }

    // Until 2106.
    private static void writeSeconds(long millis, DataOutput out) throws IOException {
        out.writeInt((int) (millis / 1000));
    }

    private static long readSeconds(DataInput in) throws IOException {
        return Integer.toUnsignedLong(in.readInt()) * 1000;
    }

    private static void writeAll(short[] values, DataOutput out) throws IOException {
        for (short value : values) {
            out.writeShort(value);
        }
    }

    private static void readAll(DataInput in, short[] into) throws IOException {
        for (int i = 0; i < into.length; i++) {
            into[i] = in.readShort();
        }
    }
}
