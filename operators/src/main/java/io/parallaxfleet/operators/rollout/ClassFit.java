package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.fit.Drift;
import io.parallaxfleet.operators.fit.EnergyFit;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.fit.SparseFit;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.List;
import java.util.Objects;

/**
 * The latest word on a class's cost model.
 *
 * @param estimate the model; null while there is none
 * @param missing what is still missing for a model; null when there is one
 * @param gate name of the requirement that is not met; null when there is a model
 * @param workload the candidate regions the class runs
 * @param incumbent what its devices run by themselves; null while no plan of theirs is known
 * @param energy what the same regions cost in energy; null where it is unavailable or too little of it is known
 * @param sparse what was measured where only variety is missing for a model; null otherwise
 * @param drift noticed since the fit before; null where there was none
 */
public record ClassFit(ClassKey classKey, CostModelEstimate estimate, String missing, String gate, List<WorkloadRegion> workload,
        Incumbent incumbent, EnergyFit energy, SparseFit sparse,
        Drift drift) {
    /** Without energy, and nothing that a family could complete. */
    public ClassFit(ClassKey classKey, CostModelEstimate estimate, String missing, String gate, List<WorkloadRegion> workload,
            Incumbent incumbent) {
        this(classKey, estimate, missing, gate, workload, incumbent, null, null, null);
    }

    public ClassFit {
        Objects.requireNonNull(classKey, "classKey");
        workload = List.copyOf(workload);
        if ((estimate == null) == (missing == null) || (missing == null) != (gate == null)) {
            throw new IllegalArgumentException("either a model, or what is missing and its gate");
        }
    }

    /** The same with a model that rests on its family's too. */
    public ClassFit completedBy(CostModelEstimate withFamily) {
        return new ClassFit(classKey, withFamily, null, null, workload, incumbent, energy, null, drift);
    }
}
