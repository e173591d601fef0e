package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.codec.VariableLength;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Version 3: epochs and times of failures in as few bytes as they need, times in whole seconds, one byte of flags with the criterion, the
 * meter's hash where there is one, the models; of these what ran since only where anything did, and what guards only where anything does.
 * There is one of these for each device of the fleet, so every byte counts: between trials about 14 and 26 for each model, in one at most
 * 26 and 52. Version 2 wrote since always and all numbers at their full width, version 1 had no criterion and nothing that guards.
 */
public final class DeviceLedgerCodec implements BinaryCodec<DeviceLedger> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 3;
    private static final int RAN_SINCE = 1;
    private static final int RAN_SINCE_LOOK = 2;
    private static final int FAILED_SINCE_LOOK = 4;
    private static final int METERED = 8;
    private static final int GUARDED = 16;
    private static final int CRITERION_SHIFT = 5;
    private static final int CRITERION = 3;
    private static final int MEASURED_SINCE = 128;

    @Override
    public void write(DeviceLedger ledger, DataOutput out) throws IOException {
        boolean metered = ledger.energySource != 0;
        boolean guarded = ledger.models.stream().anyMatch(model -> model.guardRunsBefore + model.guardRunsSince > 0);
        boolean since = ledger.models.stream().anyMatch(model -> model.runsSince + model.guardRunsSince > 0);
        out.writeByte(VERSION);
        VariableLength.write(ledger.pastEpoch, out);
        VariableLength.write(ledger.trialEpoch, out);
        VariableLength.write(ledger.failedEarlierMillis / 1000, out);
        VariableLength.write(ledger.failedInPastMillis / 1000, out);
        // Until 2106.
        out.writeInt((int) (ledger.lastRunMillis / 1000));
        out.writeByte((metered ? METERED : 0) | (guarded ? GUARDED : 0) | ledger.criterion.code() << CRITERION_SHIFT
                | (ledger.ranSince ? RAN_SINCE : 0) | (ledger.ranSinceLook ? RAN_SINCE_LOOK : 0)
                | (ledger.failedSinceLook ? FAILED_SINCE_LOOK : 0) | (since ? MEASURED_SINCE : 0));
        if (metered) {
            out.writeInt(ledger.energySource);
        }
        out.writeByte(ledger.models.size());
        for (ModelLedger model : ledger.models) {
            writeBefore(model, out);
            if (guarded) {
                out.writeByte(model.guardRunsBefore);
                out.writeFloat(model.guardMeanBefore);
            }
            if (since) {
                out.writeShort(model.runsSince);
                out.writeFloat(model.meanSince);
                for (short above : model.aboveSince) {
                    out.writeShort(above);
                }
            }
            if (since && guarded) {
                out.writeByte(model.guardRunsSince);
                out.writeFloat(model.guardMeanSince);
            }
        }
    }

    private static void writeBefore(ModelLedger model, DataOutput out) throws IOException {
        out.writeInt(model.modelHash);
        out.writeFloat(model.referenceMean);
        out.writeFloat(model.scatter);
        VariableLength.write(model.runsBefore, out);
        VariableLength.write(model.countedBefore, out);
        out.writeFloat(model.meanBefore);
        for (short above : model.aboveBefore) {
            VariableLength.write(above, out);
        }
    }

    @Override
    public DeviceLedger read(DataInput in) throws IOException {
        boolean variable = BinaryCodec.readVersion(in, VERSION, "device ledger") >= 3;
        DeviceLedger ledger = new DeviceLedger();
        ledger.pastEpoch = variable ? VariableLength.read(in) : in.readLong();
        ledger.trialEpoch = variable ? VariableLength.read(in) : in.readLong();
        ledger.failedEarlierMillis = 1000 * (variable ? VariableLength.read(in) : readSeconds(in));
        ledger.failedInPastMillis = 1000 * (variable ? VariableLength.read(in) : readSeconds(in));
        ledger.lastRunMillis = 1000 * readSeconds(in);
        int flags = in.readUnsignedByte();
        ledger.ranSince = (flags & RAN_SINCE) != 0;
        ledger.ranSinceLook = (flags & RAN_SINCE_LOOK) != 0;
        ledger.failedSinceLook = (flags & FAILED_SINCE_LOOK) != 0;
        ledger.criterion = Criterion.ofCode(flags >> CRITERION_SHIFT & CRITERION);
        if ((flags & METERED) != 0) {
            ledger.energySource = in.readInt();
        }
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            ledger.models.add(variable ? readModel(flags, in) : readModelOfVersion2(flags, in));
        }
        return ledger;
    }

    private static ModelLedger readModel(int flags, DataInput in) throws IOException {
        ModelLedger model = new ModelLedger(in.readInt());
        model.referenceMean = in.readFloat();
        model.scatter = in.readFloat();
        model.runsBefore = (int) VariableLength.read(in);
        model.countedBefore = (int) VariableLength.read(in);
        model.meanBefore = in.readFloat();
        for (int i = 0; i < model.aboveBefore.length; i++) {
            model.aboveBefore[i] = (short) VariableLength.read(in);
        }
        boolean guarded = (flags & GUARDED) != 0;
        if (guarded) {
            readGuardBefore(model, in);
        }
        if ((flags & MEASURED_SINCE) != 0) {
            readSince(model, in);
            if (guarded) {
                readGuardSince(model, in);
            }
        }
        return model;
    }

    private static ModelLedger readModelOfVersion2(int flags, DataInput in) throws IOException {
        ModelLedger model = new ModelLedger(in.readInt());
        model.referenceMean = in.readFloat();
        model.scatter = in.readFloat();
        model.runsBefore = in.readUnsignedShort();
        model.countedBefore = in.readUnsignedShort();
        model.meanBefore = in.readFloat();
        readAll(in, model.aboveBefore);
        readSince(model, in);
        if ((flags & GUARDED) != 0) {
            readGuardBefore(model, in);
            readGuardSince(model, in);
        }
        return model;
    }

    private static void readSince(ModelLedger model, DataInput in) throws IOException {
        model.runsSince = in.readUnsignedShort();
        model.meanSince = in.readFloat();
        readAll(in, model.aboveSince);
    }

    private static void readGuardBefore(ModelLedger model, DataInput in) throws IOException {
        model.guardRunsBefore = in.readUnsignedByte();
        model.guardMeanBefore = in.readFloat();
    }

    private static void readGuardSince(ModelLedger model, DataInput in) throws IOException {
        model.guardRunsSince = in.readUnsignedByte();
        model.guardMeanSince = in.readFloat();
    }

    private static long readSeconds(DataInput in) throws IOException {
        return Integer.toUnsignedLong(in.readInt());
    }

    private static void readAll(DataInput in, short[] into) throws IOException {
        for (int i = 0; i < into.length; i++) {
            into[i] = in.readShort();
        }
    }
}
