package io.parallaxfleet.operators.fit;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.List;
import java.util.Objects;

/**
 * What one inference teaches about its class: that the plan was run once, and the branch runs that are fit to learn from.
 *
 * @param modelKey model file and bound shapes, as {@link Workload#modelKey} has it
 * @param samples empty where the inference was cold, disturbed or invalid; the plan was still run
 * @param energySource which meter or model the energies are of
 * @param energies of the same branch runs, nanojoules in the place of nanoseconds; empty where energy is unavailable, which is not 0
 */
public record CostObservation(ClassKey classKey, String planId, String modelKey, String deviceId, List<CostSample> samples,
        String energySource, List<CostSample> energies) {
    public CostObservation {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(planId, "planId");
        Objects.requireNonNull(modelKey, "modelKey");
        Objects.requireNonNull(deviceId, "deviceId");
        samples = List.copyOf(samples);
        Objects.requireNonNull(energySource, "energySource");
        energies = List.copyOf(energies);
    }
}
