package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Version 1: changed flag, both counts, seed, strata in their order of use, plans in theirs. Version 2 adds the inferences since
 * counts were halved, and of each plan its policy (code 0 none, 1 thresholds with three numbers, 2 never) and which of its
 * regions it delegates, after a flag whether that is known; a plan of version 1 says nothing of either until it is published again.
 */
public final class ClassObservationsCodec implements BinaryCodec<ClassObservations> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;
    private static final int NO_POLICY = 0;
    private static final int THRESHOLDS = 1;
    private static final int NEVER = 2;

    @Override
    public void write(ClassObservations value, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeBoolean(value.changed());
        out.writeLong(value.inferences());
        out.writeLong(value.usableInferences());
        out.writeLong(value.reservoir.seed);
        out.writeInt(value.reservoir.strata.size());
        for (Map.Entry<RegionReservoir.StratumKey, RegionReservoir.Stratum> entry : value.reservoir.strata.entrySet()) {
            writeShape(entry.getKey().shape(), out);
            out.writeByte(entry.getKey().side().code());
            RegionReservoir.Stratum stratum = entry.getValue();
            out.writeLong(stratum.seen);
            out.writeInt(stratum.size);
            for (int i = 0; i < stratum.size; i++) {
                out.writeLong(stratum.latenciesNanos[i]);
            }
        }
        out.writeInt(value.workload.fresh);
        out.writeInt(value.workload.inferencesByPlan.size());
        for (Map.Entry<String, Long> plan : value.workload.inferencesByPlan.entrySet()) {
            out.writeUTF(plan.getKey());
            out.writeLong(plan.getValue());
        }
        out.writeInt(value.workload.candidatesByPlan.size());
        for (Map.Entry<String, Workload.Candidates> plan : value.workload.candidatesByPlan.entrySet()) {
            out.writeUTF(plan.getKey());
            Workload.Candidates candidates = plan.getValue();
            out.writeUTF(candidates.group());
            out.writeLong(candidates.policyEpoch());
            out.writeBoolean(candidates.explored());
            writePolicy(candidates.policy(), out);
            boolean known = candidates.delegated() != null;
            out.writeBoolean(known);
            out.writeInt(candidates.regions().size());
            for (RegionShape region : candidates.regions()) {
                writeShape(region, out);
                out.writeBoolean(known && candidates.delegated().contains(region));
            }
        }
    }

    @Override
    public ClassObservations read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "class observations");
        boolean changed = in.readBoolean();
        long inferences = in.readLong();
        long usableInferences = in.readLong();
        RegionReservoir reservoir = new RegionReservoir(in.readLong());
        for (int left = in.readInt(); left > 0; left--) {
            RegionReservoir.StratumKey key = new RegionReservoir.StratumKey(readShape(in), readSide(in));
            RegionReservoir.Stratum stratum = new RegionReservoir.Stratum();
            stratum.seen = in.readLong();
            stratum.size = in.readInt();
            for (int i = 0; i < stratum.size; i++) {
                stratum.latenciesNanos[i] = in.readLong();
            }
            reservoir.strata.put(key, stratum);
        }
        Workload workload = new Workload();
        workload.fresh = version >= 2 ? in.readInt() : 0;
        for (int left = in.readInt(); left > 0; left--) {
            workload.inferencesByPlan.put(in.readUTF(), in.readLong());
        }
        for (int left = in.readInt(); left > 0; left--) {
            String planId = in.readUTF();
            String group = in.readUTF();
            long epoch = in.readLong();
            boolean explored = in.readBoolean();
            PlanPolicy policy = version >= 2 ? readPolicy(in) : null;
            boolean known = version >= 2 && in.readBoolean();
            int count = in.readInt();
            List<RegionShape> regions = new ArrayList<>(count);
            Set<RegionShape> delegated = known ? new HashSet<>() : null;
            for (int i = 0; i < count; i++) {
                RegionShape region = readShape(in);
                regions.add(region);
                if (version >= 2 && in.readBoolean() && known) {
                    delegated.add(region);
                }
            }
            workload.candidatesByPlan.put(planId, new Workload.Candidates(group, epoch, explored, policy, regions, delegated));
        }
        return new ClassObservations(reservoir, workload, inferences, usableInferences, changed);
    }

    private static CostSide readSide(DataInput in) throws IOException {
        int code = in.readUnsignedByte();
        try {
            return CostSide.ofCode(code);
        } catch (IllegalArgumentException e) {
            throw new IOException("the saved class observations cannot be read: " + e.getMessage(), e);
        }
    }

    private static void writePolicy(PlanPolicy policy, DataOutput out) throws IOException {
        if (policy == null) {
            out.writeByte(NO_POLICY);
        } else if (policy.getMode() == DelegationMode.NEVER) {
            out.writeByte(NEVER);
        } else {
            out.writeByte(THRESHOLDS);
            out.writeInt(policy.getMinOperators());
            out.writeLong(policy.getMinMacs());
            out.writeDouble(policy.getMaxBytesPerMac());
        }
    }

    private static PlanPolicy readPolicy(DataInput in) throws IOException {
        int code = in.readUnsignedByte();
        return switch (code) {
            case NO_POLICY -> null;
            case THRESHOLDS -> new PlanPolicy(DelegationMode.THRESHOLDS, in.readInt(), in.readLong(), in.readDouble());
            case NEVER -> new PlanPolicy(DelegationMode.NEVER, 0, 0L, 0.0);
            default -> throw new IOException("the saved class observations hold a policy of unknown code " + code);
        };
    }

    private static void writeShape(RegionShape shape, DataOutput out) throws IOException {
        out.writeInt(shape.operators());
        out.writeLong(shape.macs());
        out.writeLong(shape.boundaryBytes());
    }

    private static RegionShape readShape(DataInput in) throws IOException {
        return new RegionShape(in.readInt(), in.readLong(), in.readLong());
    }
}
