package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.codec.BinaryCodec;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Version 1: changed flag, both counts, seed, strata in their order of use, plans in theirs. */
public final class ClassObservationsCodec implements BinaryCodec<ClassObservations> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 1;

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
            out.writeInt(candidates.regions().size());
            for (RegionShape region : candidates.regions()) {
                writeShape(region, out);
            }
        }
    }

    @Override
    public ClassObservations read(DataInput in) throws IOException {
        BinaryCodec.readVersion(in, VERSION, "class observations");
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
        for (int left = in.readInt(); left > 0; left--) {
            workload.inferencesByPlan.put(in.readUTF(), in.readLong());
        }
        for (int left = in.readInt(); left > 0; left--) {
            String planId = in.readUTF();
            String group = in.readUTF();
            long epoch = in.readLong();
            boolean explored = in.readBoolean();
            int count = in.readInt();
            List<RegionShape> regions = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                regions.add(readShape(in));
            }
            workload.candidatesByPlan.put(planId, new Workload.Candidates(group, epoch, explored, regions));
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

    private static void writeShape(RegionShape shape, DataOutput out) throws IOException {
        out.writeInt(shape.operators());
        out.writeLong(shape.macs());
        out.writeLong(shape.boundaryBytes());
    }

    private static RegionShape readShape(DataInput in) throws IOException {
        return new RegionShape(in.readInt(), in.readLong(), in.readLong());
    }
}
