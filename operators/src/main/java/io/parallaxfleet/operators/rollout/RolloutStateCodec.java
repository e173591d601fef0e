package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.rollout.staged.LookPartCodec;
import io.parallaxfleet.operators.rollout.staged.Stage;
import io.parallaxfleet.operators.rollout.staged.StagedRollout;
import io.parallaxfleet.operators.rollout.whole.WindowsCodec;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * Version 1: the fields of {@link RolloutState} in their order; a rule is code 1 with three numbers or code 2. Version 2 adds to
 * each policy whether an update described it, which in version 1 was so above epoch 0. Version 3 adds what stages and people's commands
 * need, behind the rest, version 4 windows and plan changes, and version 5 energies behind
 * that.
 */
public final class RolloutStateCodec implements BinaryCodec<RolloutState> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 5;
    private static final int THRESHOLDS = 1;
    private static final int NEVER = 2;
    private static final LookPartCodec PARTS = new LookPartCodec();

    @Override
    public void write(RolloutState state, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(state.highestEpoch);
        writePolicy(state.inForce, out);
        out.writeBoolean(state.measuring());
        if (state.measuring()) {
            writePolicy(state.previous, out);
            out.writeUTF(state.rolloutId);
        }
        out.writeBoolean(state.killed);
        out.writeUTF(state.lastHold);
        writeAll(state.applied, out);
        writeAll(state.refused, out);
        out.writeInt(state.rejected.size());
        for (DelegationRule rule : state.rejected) {
            writeRule(rule, out);
        }
        out.writeInt(state.latencies.size());
        for (Map.Entry<Long, Map<String, LatencySketch>> epoch : state.latencies.entrySet()) {
            out.writeLong(epoch.getKey());
            out.writeInt(epoch.getValue().size());
            for (Map.Entry<String, LatencySketch> model : epoch.getValue().entrySet()) {
                out.writeUTF(model.getKey());
                BinaryCodec.writeBytes(model.getValue().toBytes(), out);
            }
        }
        writeStages(state, out);
        WindowsCodec.write(state.windows, out);
        WindowsCodec.write(state.planChanges, out);
        WindowsCodec.writeEnergies(state.energies, out);
    }

    private static void writeStages(RolloutState state, DataOutput out) throws IOException {
        out.writeInt(state.trials);
        out.writeLong(state.orphanEpoch);
        out.writeLong(state.waitingSince.toEpochMilli());
        out.writeBoolean(state.paused);
        out.writeBoolean(state.pinned);
        out.writeBoolean(state.frozen);
        out.writeLong(state.freezeMillis);
        out.writeInt(state.failingLooks);
        writeAll(state.commands, out);
        out.writeInt(state.looks.parts().size());
        for (LookPart part : state.looks.parts()) {
            PARTS.write(part, out);
        }
        out.writeBoolean(state.trial != null);
        if (state.trial != null) {
            out.writeUTF(state.rolloutId);
            writeTrial(state.trial, out);
        }
    }

    private static void writeTrial(StagedTrial trial, DataOutput out) throws IOException {
        writeRule(trial.rule, out);
        out.writeInt(trial.position.stage().membersPerMille());
        out.writeInt(trial.position.devices());
        out.writeInt(trial.position.promisingLooks());
        out.writeInt(trial.position.failures().length);
        for (double evidence : trial.position.failures()) {
            out.writeDouble(evidence);
        }
        out.writeLong(trial.epoch);
        out.writeDouble(trial.beforeNanos);
        out.writeDouble(trial.afterNanos);
        out.writeLong(trial.judgedLookMillis);
        ByteBuffer estimate = trial.estimate.toByteBuffer();
        byte[] bytes = new byte[estimate.remaining()];
        estimate.get(bytes);
        BinaryCodec.writeBytes(bytes, out);
    }

    @Override
    public RolloutState read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "rollout state");
        RolloutState state = new RolloutState();
        state.highestEpoch = in.readLong();
        state.inForce = readPolicy(in, version);
        if (in.readBoolean()) {
            state.previous = readPolicy(in, version);
            state.rolloutId = in.readUTF();
        }
        state.killed = in.readBoolean();
        state.lastHold = in.readUTF();
        readAll(in, state.applied);
        readAll(in, state.refused);
        for (int left = in.readInt(); left > 0; left--) {
            state.rejected.add(readRule(in));
        }
        for (int epochs = in.readInt(); epochs > 0; epochs--) {
            Map<String, LatencySketch> byModel = state.latenciesOf(in.readLong());
            for (int models = in.readInt(); models > 0; models--) {
                byModel.put(in.readUTF(), LatencySketch.fromBytes(BinaryCodec.readBytes(in)));
            }
        }
        if (version >= 3) {
            readStages(in, state);
        }
        if (version >= 4) {
            WindowsCodec.read(in, state.windows);
            WindowsCodec.read(in, state.planChanges);
        }
        if (version >= 5) {
            WindowsCodec.readEnergies(in, state.energies);
        }
        return state;
    }

    private static void readStages(DataInput in, RolloutState state) throws IOException {
        state.trials = in.readInt();
        state.orphanEpoch = in.readLong();
        state.waitingSince = Instant.ofEpochMilli(in.readLong());
        state.paused = in.readBoolean();
        state.pinned = in.readBoolean();
        state.frozen = in.readBoolean();
        state.freezeMillis = in.readLong();
        state.failingLooks = in.readInt();
        readAll(in, state.commands);
        for (int left = in.readInt(); left > 0; left--) {
            state.looks.add(PARTS.read(in));
        }
        if (in.readBoolean()) {
            state.rolloutId = in.readUTF();
            state.trial = readTrial(in);
        }
    }

    private static StagedTrial readTrial(DataInput in) throws IOException {
        DelegationRule rule = readRule(in);
        Stage stage = stage(in.readInt());
        int devices = in.readInt();
        int promisingLooks = in.readInt();
        double[] failures = new double[in.readInt()];
        for (int i = 0; i < failures.length; i++) {
            failures[i] = in.readDouble();
        }
        StagedTrial trial = new StagedTrial(rule, new StagedRollout.Position(stage, devices, promisingLooks, failures));
        trial.epoch = in.readLong();
        trial.beforeNanos = in.readDouble();
        trial.afterNanos = in.readDouble();
        trial.judgedLookMillis = in.readLong();
        trial.estimate = CostModelEstimate.fromByteBuffer(ByteBuffer.wrap(BinaryCodec.readBytes(in)));
        return trial;
    }

    private static Stage stage(int membersPerMille) throws IOException {
        for (Stage stage : Stage.values()) {
            if (stage.membersPerMille() == membersPerMille) {
                return stage;
            }
        }
        throw new IOException("the saved rollout state holds a stage of " + membersPerMille + " per mille, which this build does not have");
    }

    private static void writePolicy(Policy policy, DataOutput out) throws IOException {
        out.writeLong(policy.epoch());
        writeRule(policy.rule(), out);
        out.writeBoolean(policy.published());
    }

    private static Policy readPolicy(DataInput in, int version) throws IOException {
        long epoch = in.readLong();
        DelegationRule rule = readRule(in);
        return new Policy(epoch, rule, version >= 2 ? in.readBoolean() : epoch > 0);
    }

    private static void writeRule(DelegationRule rule, DataOutput out) throws IOException {
        if (rule instanceof DelegationRule.Thresholds thresholds) {
            out.writeByte(THRESHOLDS);
            out.writeInt(thresholds.minOperators());
            out.writeLong(thresholds.minMacs());
            out.writeDouble(thresholds.maxBytesPerMac());
        } else {
            out.writeByte(NEVER);
        }
    }

    private static DelegationRule readRule(DataInput in) throws IOException {
        int code = in.readUnsignedByte();
        return switch (code) {
            case THRESHOLDS -> new DelegationRule.Thresholds(in.readInt(), in.readLong(), in.readDouble());
            case NEVER -> new DelegationRule.Never();
            default -> throw new IOException("the saved rollout state holds a rule of unknown code " + code);
        };
    }

    private static void writeAll(Set<String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private static void readAll(DataInput in, Set<String> into) throws IOException {
        for (int left = in.readInt(); left > 0; left--) {
            into.add(in.readUTF());
        }
    }
}
