package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the regions of one model differ from their class's cost model: what they take over what it predicts, on either side. The
 * operators of a model suit a device more or less than those of the others, which no line through all of them can say.
 *
 * @param cpuFactor from contrasts; 1 where there are none
 * @param acceleratorFactor from accelerator runs; 1 where there are none
 * @param cpuRuns contrasts behind it
 * @param acceleratorRuns accelerator runs behind it
 * @param inferences of the model that the class remembers, whether or not they say something of it
 */
public record ModelDeviation(double cpuFactor, double acceleratorFactor, long cpuRuns, long acceleratorRuns, long inferences) {
    /** Nothing was measured of the model by itself. */
    public static final ModelDeviation NONE = new ModelDeviation(1, 1, 0, 0, 0);
    /** Regions of one model differ among each other by about half of what models do. */
    private static final double REGION_SPREAD = MeasuredCost.MODEL_SPREAD / 2;
    /** Beyond it something else is wrong than operators that suit a device badly. */
    private static final double MAX_FACTOR = 4;

    public ModelDeviation {
        if (!(cpuFactor > 0 && acceleratorFactor > 0) || Double.isInfinite(cpuFactor) || Double.isInfinite(acceleratorFactor)) {
            throw new IllegalArgumentException("factors of " + cpuFactor + " and " + acceleratorFactor + "; they must be positive");
        }
    }

    ModelDeviation among(long newInferences) {
        return new ModelDeviation(cpuFactor, acceleratorFactor, cpuRuns, acceleratorRuns, newInferences);
    }

    /** Of each model by its key. */
    static Map<String, ModelDeviation> of(List<RegionRuns> runs, CostModel costs) {
        Map<String, List<RegionRuns>> cpu = new HashMap<>();
        Map<String, List<RegionRuns>> accelerator = new HashMap<>();
        for (RegionRuns region : runs) {
            switch (region.side()) {
                case ACCELERATOR -> accelerator.computeIfAbsent(region.modelKey(), key -> new ArrayList<>()).add(region);
                case CPU_BY_CONTRAST -> cpu.computeIfAbsent(region.modelKey(), key -> new ArrayList<>()).add(region);
                // Their operators are not those that a rule could delegate.
                case CPU, CPU_LEFT_OVER -> { }
            }
        }
        Map<String, ModelDeviation> deviations = new HashMap<>();
        for (String model : accelerator.keySet()) {
            cpu.putIfAbsent(model, List.of());
        }
        cpu.forEach((model, contrasts) -> {
            List<RegionRuns> delegated = accelerator.getOrDefault(model, List.of());
            deviations.put(model, new ModelDeviation(factor(contrasts, costs), factor(delegated, costs), CpuRate.samples(contrasts),
                    CpuRate.samples(delegated), 0));
        });
        return deviations;
    }

    // The weighted mean of measured over predicted, each region's by its precision, shrunk towards 1.
    private static double factor(List<RegionRuns> regions, CostModel costs) {
        double weights = 1 / (MeasuredCost.MODEL_SPREAD * MeasuredCost.MODEL_SPREAD);
        double sum = weights;
        for (RegionRuns region : regions) {
            double predicted = region.side() == CostSide.ACCELERATOR ? costs.acceleratorSeconds(region.shape())
                    : costs.cpuSeconds(region.shape());
            if (region.latenciesNanos().length >= ClassObservations.MIN_MEASURED_RUNS && predicted > 0) {
                MeasuredCost measured = MeasuredCost.of(region);
                double error = measured.standardError() / predicted;
                double weight = 1 / (error * error + REGION_SPREAD * REGION_SPREAD);
                sum += weight * Math.min(MAX_FACTOR, measured.seconds() / predicted);
                weights += weight;
            }
        }
        return Math.max(1 / MAX_FACTOR, sum / weights);
    }
}
