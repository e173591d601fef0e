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
 * Version 3 adds whether there was a fit and the devices that are heard, models and devices to the strata, and the model's name
 * to plans. Version 4 adds energies by source at the end, version 5 drift.
 */
public final class ClassObservationsCodec implements BinaryCodec<ClassObservations> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 5;
    private static final int NO_POLICY = 0;
    private static final int THRESHOLDS = 1;
    private static final int NEVER = 2;

    @Override
    public void write(ClassObservations value, DataOutput out) throws IOException {
        out.writeByte(VERSION);
        out.writeBoolean(value.changed());
        out.writeLong(value.inferences());
        out.writeLong(value.usableInferences());
        out.writeBoolean(value.fitted());
        ReservoirCodec.write(value.reservoir, out);
        DeviceRosterCodec.write(value.roster, out);
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
            out.writeBoolean(candidates.model() != null);
            if (candidates.model() != null) {
                out.writeUTF(candidates.model());
            }
            out.writeLong(candidates.policyEpoch());
            out.writeBoolean(candidates.explored());
            writePolicy(candidates.policy(), out);
            boolean known = candidates.delegated() != null;
            out.writeBoolean(known);
            out.writeInt(candidates.regions().size());
            for (RegionShape region : candidates.regions()) {
                ReservoirCodec.writeShape(region, out);
                out.writeBoolean(known && candidates.delegated().contains(region));
            }
        }
        out.writeInt(value.energies.bySource.size());
        for (Map.Entry<String, EnergyReservoirs.Source> source : value.energies.bySource.entrySet()) {
            out.writeUTF(source.getKey());
            out.writeLong(source.getValue().inferences);
            ReservoirCodec.write(source.getValue().reservoir, out);
        }
        DriftCodec.write(value.drift, out);
    }

    @Override
    public ClassObservations read(DataInput in) throws IOException {
        int version = BinaryCodec.readVersion(in, VERSION, "class observations");
        boolean changed = in.readBoolean();
        long inferences = in.readLong();
        long usableInferences = in.readLong();
        boolean fitted = version >= 3 && in.readBoolean();
        RegionReservoir reservoir = ReservoirCodec.read(in, version);
        DeviceRoster roster = version >= 3 ? DeviceRosterCodec.read(in, reservoir.seed) : new DeviceRoster(reservoir.seed);
        Workload workload = new Workload();
        workload.fresh = version >= 2 ? in.readInt() : 0;
        for (int left = in.readInt(); left > 0; left--) {
            workload.inferencesByPlan.put(in.readUTF(), in.readLong());
        }
        for (int left = in.readInt(); left > 0; left--) {
            String planId = in.readUTF();
            String group = in.readUTF();
            String model = version >= 3 && in.readBoolean() ? in.readUTF() : null;
            long epoch = in.readLong();
            boolean explored = in.readBoolean();
            PlanPolicy policy = version >= 2 ? readPolicy(in) : null;
            boolean known = version >= 2 && in.readBoolean();
            int count = in.readInt();
            List<RegionShape> regions = new ArrayList<>(count);
            Set<RegionShape> delegated = known ? new HashSet<>() : null;
            for (int i = 0; i < count; i++) {
                RegionShape region = ReservoirCodec.readShape(in);
                regions.add(region);
                if (version >= 2 && in.readBoolean() && known) {
                    delegated.add(region);
                }
            }
            workload.candidatesByPlan.put(planId, new Workload.Candidates(group, model, epoch, explored, policy, regions, delegated));
        }
        EnergyReservoirs energies = new EnergyReservoirs(reservoir.seed);
        for (int left = version >= 4 ? in.readInt() : 0; left > 0; left--) {
            String source = in.readUTF();
            long measured = in.readLong();
            energies.bySource.put(source, new EnergyReservoirs.Source(ReservoirCodec.read(in, version), measured));
        }
        DriftState drift = version >= 5 ? DriftCodec.read(in) : new DriftState();
        return new ClassObservations(reservoir, workload, roster, energies, drift, inferences, usableInferences, changed, fitted);
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
}
