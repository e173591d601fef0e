package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.ModelDeviation;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;

/**
 * What a region of a model costs an average inference of the class on either side, in the unit of the objective.
 *
 * @param measured whether its model was measured by itself on both sides
 * @param bounded whether its model was on one, so that moving it to the other may be said to cost it something
 * @param uncertainty by how much moving it may turn out worse than predicted: models differ from their class's line, and how this one
 *     does is only known as far as it ran, which less is made of the longer it runs; 0 where it is not bounded
 */
record RegionCost(RunModel model, RegionShape shape, double cpu, double accelerator, boolean measured, boolean bounded,
        double uncertainty) {
    /** Runs on a side from which a model counts as measured there. */
    private static final long MEASURED_RUNS = 10;
    /** Models differ from their class's line by about this share of their cost, and runs of one burst say one thing. */
    private static final double MODEL_SPREAD = 0.3;
    private static final double RUNS_OF_A_BURST = 16;
    /** In standard deviations, of a model that has hardly run. */
    private static final double CAUTION = 0.5;
    /** What ran this often and was not tried on both sides will not be soon: a class that hardly explores is not to wait for it. */
    private static final double YOUNG_INFERENCES = 400;

    static RegionCost of(WorkloadRegion region, CostModel model) {
        ModelDeviation known = region.deviation();
        double cpu = region.perInference() * region.cpuSeconds(model);
        double accelerator = region.perInference() * region.acceleratorSeconds(model);
        boolean bounded = known.cpuRuns() >= MEASURED_RUNS || known.acceleratorRuns() >= MEASURED_RUNS;
        return new RegionCost(region.model(), region.shape(), cpu, accelerator,
                known.cpuRuns() >= MEASURED_RUNS && known.acceleratorRuns() >= MEASURED_RUNS, bounded,
                bounded ? CAUTION / (1 + known.inferences() / YOUNG_INFERENCES) * Math.hypot(spread(known.cpuRuns()) * cpu, spread(known.acceleratorRuns()) * accelerator) : 0);
    }

    private static double spread(long runs) {
        return MODEL_SPREAD / Math.sqrt(1 + runs / RUNS_OF_A_BURST);
    }

    double under(InForce rules) {
        double delegated = rules.delegatedShare(shape);
        return delegated * accelerator + (1 - delegated) * cpu;
    }

    /** What delegating it saves. */
    double saved() {
        return cpu - accelerator;
    }

    /** The same with caution, over leaving it on the CPU with caution: staying where it is surely costs nothing. */
    double surelySaved(InForce rules) {
        return saved() + uncertainty * (2 * rules.delegatedShare(shape) - 1);
    }

    /** What leaving it on the CPU may cost beyond the prediction. */
    double riskOnCpu(InForce rules) {
        return uncertainty * rules.delegatedShare(shape);
    }
}
