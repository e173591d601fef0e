package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.DeviceCount;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.aggregate.MeasuredColumns;
import io.parallaxfleet.operators.decode.InferenceReader;
import io.parallaxfleet.operators.fit.DelegationContrast;
import io.parallaxfleet.operators.fit.Workload;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.Validity;
import java.util.function.Consumer;

/**
 * Adds up the branches of one plan under one epoch in one window, branch by branch. An inference that went as the plan says, as
 * nearly all do, costs each branch a few additions; what else may be is taken apart branch by branch. Not thread-safe.
 */
final class PlanAggregates {
    static final byte ACCELERATOR = 2;

    private final PlanProfile plan;
    // By the codes of telemetry; 0 where the plan's placement has none.
    private final byte[] placements;
    private final boolean delegates;
    private final String modelKey;
    private final DeviceCount devices = new DeviceCount();
    private final Accumulator[] branches;
    private final MeasuredColumns measured;
    // Inferences whose branches were all planned as the plan says and ran there.
    private long asPlanned;

    PlanAggregates(PlanProfile plan) {
        this.plan = plan;
        this.delegates = DelegationContrast.delegates(plan);
        this.modelKey = Workload.modelKey(plan);
        this.placements = new byte[plan.getBranches().size()];
        this.branches = new Accumulator[placements.length];
        for (int i = 0; i < placements.length; i++) {
            placements[i] = code(plan.getBranches().get(i).getPlacement());
            branches[i] = new Accumulator(devices);
        }
        this.measured = new MeasuredColumns(branches);
    }

    private static byte code(Placement placement) {
        return switch (placement) {
            case CPU -> 1;
            case ACCELERATOR -> ACCELERATOR;
            case UNKNOWN -> 0;
        };
    }

    int branches() {
        return branches.length;
    }

    /** Whether the plan gives anything to the accelerator. */
    boolean delegates() {
        return delegates;
    }

    /** What contrasts of this plan are made within. */
    String modelKey() {
        return modelKey;
    }

    /** @param inference with as many branches as the plan */
    void add(InferenceReader inference) {
        devices.add(inference.deviceHash());
        // A fallback elsewhere in the inference leaves a branch's own time as good as it was.
        boolean valid = inference.validity() == Validity.VALID || inference.validity() == Validity.FALLBACK;
        boolean ordinary = inference.plannedAs(placements) && inference.asPlanned() && !inference.anyFallbackReason();
        if (ordinary && valid && !inference.warmup()) {
            asPlanned++;
            measured.add(inference.branchLatenciesNanos(), inference.branchArenaPeaksBytes(), inference.branchEnergiesMicrojoules(),
                    inference.energySource());
        } else {
            addOneByOne(inference, valid);
        }
    }

    private void addOneByOne(InferenceReader inference, boolean valid) {
        long[] energies = inference.branchEnergiesMicrojoules();
        for (int i = 0; i < branches.length; i++) {
            Accumulator branch = branches[i];
            branch.addPlacements(inference.planned(i) == ACCELERATOR ? 1 : 0, inference.actual(i) == ACCELERATOR ? 1 : 0);
            if (inference.fallback(i) != 0) {
                branch.addFallbackReason(inference.fallback(i));
            }
            if (inference.warmup()) {
                branch.addCold();
            } else if (inference.planned(i) != inference.actual(i)) {
                branch.addFallback();
            } else if (!valid) {
                branch.addInvalid();
            } else {
                branch.addMeasured(inference.branchLatenciesNanos()[i], inference.branchArenaPeaksBytes()[i]);
                if (energies != null) {
                    branch.addEnergy(energies[i], inference.energySource());
                }
            }
        }
    }

    /** Gives everything away; the aggregates are not used again. */
    void drain(AggregateKey whole, Consumer<KeyedAccumulator> out) {
        measured.empty();
        for (int i = 0; i < branches.length; i++) {
            BranchProfile branch = plan.getBranches().get(i);
            branches[i].addPlacements(placements[i] == ACCELERATOR ? asPlanned : 0, placements[i] == ACCELERATOR ? asPlanned : 0);
            out.accept(new KeyedAccumulator(new AggregateKey(whole.classKey(), whole.model(), branch.getName(),
                    branch.getPlacement().name(), plan.getPlanId(), whole.policyEpoch(), whole.explored()), branches[i]));
        }
    }
}
