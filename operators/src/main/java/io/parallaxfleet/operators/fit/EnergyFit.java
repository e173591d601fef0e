package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What regions of a class cost in energy. Branch energies are shared out from an inference's by time, so they are only as good as
 * their source says.
 *
 * @param source the meter or model behind it
 * @param estimate the cost model with joules in the place of seconds
 * @param workload the candidate regions in the order of the class's, with joules in the place of seconds
 */
public record EnergyFit(String source, CostModelEstimate estimate, List<WorkloadRegion> workload) {
    public EnergyFit {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(estimate, "estimate");
        workload = List.copyOf(workload);
    }

    /** By the main source of what was observed; empty while there is none or too little of it. */
    public static Optional<EnergyFit> of(ClassObservations observations, CostModelFit fit) {
        return observations.energies().mainSource().flatMap(source -> {
            RegionReservoir reservoir = observations.energies().of(source);
            return fit.fit(reservoir.regions()) instanceof FitResult.Fitted fitted
                    ? Optional.of(new EnergyFit(source, fitted.estimate(),
                            observations.regions(reservoir, CostModel.of(fitted.estimate()))))
                    : Optional.empty();
        });
    }
}
