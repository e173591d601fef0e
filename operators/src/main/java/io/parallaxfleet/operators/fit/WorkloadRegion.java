package io.parallaxfleet.operators.fit;

import java.util.Objects;

/**
 * A candidate region of a class. What it costs is taken from three levels, each shrunk towards the one before by how little it was
 * measured: the class's cost model, how the region's model differs from it, and the region's own runs.
 *
 * @param model what it is a region of
 * @param perInference how many times an average inference of the class meets it
 * @param deviation how its model differs from the class's cost model
 * @param measuredCpu what it costs on the CPU by measurement; null where only the model can say
 * @param measuredAccelerator what it costs on the accelerator by measurement; null where only the model can say
 */
public record WorkloadRegion(RunModel model, RegionShape shape, double perInference, ModelDeviation deviation,
        MeasuredCost measuredCpu, MeasuredCost measuredAccelerator) {
    public WorkloadRegion {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(deviation, "deviation");
        if (!(perInference >= 0) || Double.isInfinite(perInference)) {
            throw new IllegalArgumentException("perInference is " + perInference + "; it must be finite and not negative");
        }
    }

    /** A region that was never measured by itself, of a model of which nothing is known either. */
    public static WorkloadRegion unmeasured(RunModel model, RegionShape shape, double perInference) {
        return new WorkloadRegion(model, shape, perInference, ModelDeviation.NONE, null, null);
    }

    /** Its cost on the CPU: by the model, corrected by what was measured. */
    public double cpuSeconds(CostModel costs) {
        double modelled = deviation.cpuFactor() * costs.cpuSeconds(shape);
        return measuredCpu == null ? modelled : measuredCpu.shrunkTo(modelled);
    }

    /** Its cost on the accelerator: by the model, corrected by what was measured. */
    public double acceleratorSeconds(CostModel costs) {
        double modelled = deviation.acceleratorFactor() * costs.acceleratorSeconds(shape);
        return measuredAccelerator == null ? modelled : measuredAccelerator.shrunkTo(modelled);
    }
}
