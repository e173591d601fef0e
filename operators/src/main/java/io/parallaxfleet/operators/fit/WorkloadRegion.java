package io.parallaxfleet.operators.fit;

import java.util.Objects;

/**
 * A candidate region of a class.
 *
 * @param perInference how many times an average inference of the class meets it
 * @param measuredCpu what it costs on the CPU by measurement; null where only the model can say
 * @param measuredAccelerator what it costs on the accelerator by measurement; null where only the model can say
 */
public record WorkloadRegion(RegionShape shape, double perInference, MeasuredCost measuredCpu, MeasuredCost measuredAccelerator) {
    public WorkloadRegion {
        Objects.requireNonNull(shape, "shape");
        if (!(perInference >= 0) || Double.isInfinite(perInference)) {
            throw new IllegalArgumentException("perInference is " + perInference + "; it must be finite and not negative");
        }
    }

    /** A region that was never measured by itself. */
    public static WorkloadRegion unmeasured(RegionShape shape, double perInference) {
        return new WorkloadRegion(shape, perInference, null, null);
    }

    /** Its cost on the CPU: by the model, corrected by what was measured. */
    public double cpuSeconds(CostModel model) {
        double modelled = model.cpuSeconds(shape);
        return measuredCpu == null ? modelled : measuredCpu.shrunkTo(modelled);
    }

    /** Its cost on the accelerator: by the model, corrected by what was measured. */
    public double acceleratorSeconds(CostModel model) {
        double modelled = model.acceleratorSeconds(shape);
        return measuredAccelerator == null ? modelled : measuredAccelerator.shrunkTo(modelled);
    }
}
