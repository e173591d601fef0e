package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;

/**
 * What a region of a model costs an average inference of the class on either side, in the unit of the objective.
 *
 * @param measured whether its model was measured by itself on both sides
 */
record RegionCost(RunModel model, RegionShape shape, double cpu, double accelerator, boolean measured) {
    /** Runs on either side from which a model counts as measured. */
    private static final long MEASURED_RUNS = 10;

    static boolean measured(WorkloadRegion region) {
        return region.deviation().cpuRuns() >= MEASURED_RUNS && region.deviation().acceleratorRuns() >= MEASURED_RUNS;
    }

    double under(InForce rules) {
        double delegated = rules.delegatedShare(shape);
        return delegated * accelerator + (1 - delegated) * cpu;
    }

    /** What delegating it saves. */
    double saved() {
        return cpu - accelerator;
    }
}
