package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.aggregate.Measurements;
import io.parallaxfleet.schemas.avro.BranchProfile;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Which branch runs the cost model may learn from: warm, valid, on hardware that was neither throttled nor busy with
 * something else. A run that did not happen where it was planned is a fault's time, not the placement's.
 *
 * @param maxForeignCpuShare samples with a higher share of foreign load are left out; an unknown share is let through
 * @param allowCoRunning whether branches that ran beside others count; their time contains the contention
 */
public record SampleSelection(double maxForeignCpuShare, boolean allowCoRunning) implements Serializable {
    private static final byte CPU = 1;
    private static final byte ACCELERATOR = 2;
    private static final long NANOS_OF_A_MICRO = 1000;

    public SampleSelection {
        if (!(maxForeignCpuShare >= 0 && maxForeignCpuShare <= 1)) {
            throw new IllegalArgumentException("maxForeignCpuShare is " + maxForeignCpuShare + "; it must be in [0,1]");
        }
    }

    public static SampleSelection defaults() {
        return new SampleSelection(0.5, false);
    }

    /**
     * The usable branch runs of one inference, and its contrast with inferences that delegated nothing; record and plan must not
     * mismatch.
     *
     * @param contrast of the device that reports
     */
    public CostObservation observe(InferenceTelemetry t, PlanProfile plan, DelegationContrast contrast) {
        if (!undisturbed(t)) {
            return observation(t, plan, List.of(), List.of());
        }
        List<CostSample> samples = samples(t, plan, t.getBranchLatencyNanos(), 1);
        contrast.observe(t, plan).ifPresent(samples::add);
        List<CostSample> energies = t.getBranchEnergyMicrojoules() == null
                ? List.of()
                : samples(t, plan, t.getBranchEnergyMicrojoules(), NANOS_OF_A_MICRO);
        return observation(t, plan, samples, energies);
    }

    private static CostObservation observation(InferenceTelemetry t, PlanProfile plan, List<CostSample> samples,
            List<CostSample> energies) {
        return new CostObservation(Measurements.classOf(t), t.getPlanId(), Workload.modelKey(plan), t.getDeviceId(), samples,
                t.getEnergySource(), energies);
    }

    private boolean undisturbed(InferenceTelemetry t) {
        return undisturbed(t.getWarmup(), t.getValidity(), t.getThermalState(), t.getForeignCpuShare());
    }

    /** Whether an inference with these marks may be learnt from. */
    public boolean undisturbed(boolean warmup, Validity validity, ThermalState thermalState, double foreignCpuShare) {
        return !warmup
                && (validity == Validity.VALID || validity == Validity.FALLBACK)
                && thermalState != ThermalState.SERIOUS
                && thermalState != ThermalState.CRITICAL
                && foreignCpuShare <= maxForeignCpuShare;
    }

    private List<CostSample> samples(InferenceTelemetry t, PlanProfile plan, List<Long> costs, long nanosEach) {
        ByteBuffer planned = t.getBranchPlanned();
        ByteBuffer actual = t.getBranchActual();
        ByteBuffer coRunning = t.getBranchCoRunning();
        boolean delegates = DelegationContrast.delegates(plan);
        List<CostSample> samples = new ArrayList<>();
        for (int i = 0; i < plan.getBranches().size(); i++) {
            BranchProfile branch = plan.getBranches().get(i);
            byte placement = actual.get(actual.position() + i);
            long cost = costs.get(i);
            boolean asPlanned = planned.get(planned.position() + i) == placement;
            boolean alone = coRunning.get(coRunning.position() + i) == 0;
            if (asPlanned && (alone || allowCoRunning) && cost > 0 && branch.getMacs() > 0
                    && (placement == CPU || placement == ACCELERATOR)) {
                RegionShape shape = new RegionShape(branch.getOperators(), branch.getMacs(), branch.getBoundaryBytes());
                CostSide cpu = delegates ? CostSide.CPU_LEFT_OVER : CostSide.CPU;
                samples.add(new CostSample(shape, placement == ACCELERATOR ? CostSide.ACCELERATOR : cpu,
                        cost * nanosEach));
            }
        }
        return samples;
    }
}
