package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.Set;

/** A cost model, or what is still missing for one. */
public sealed interface FitResult {
    /**
     * @param estimate point estimates with 95 % intervals from a bootstrap over regions
     * @param conditionNumber of the scaled accelerator design
     * @param liars numbers of devices whose runs were left out, since their times have nothing to do with the others'
     */
    record Fitted(CostModelEstimate estimate, double conditionNumber, Set<Integer> liars) implements FitResult {
        public Fitted {
            liars = Set.copyOf(liars);
        }
    }

    /**
     * @param gate which requirement is not met
     * @param reason one line with the counts behind it
     * @param sparse what there is, where only variety is missing; null where a side was hardly measured at all
     */
    record NotYet(Gate gate, String reason, SparseFit sparse) implements FitResult {
        NotYet(Gate gate, String reason) {
            this(gate, reason, null);
        }
    }

    /** The requirements, in the order in which they are checked. */
    enum Gate {
        CPU_SAMPLES,
        ACCELERATOR_SAMPLES,
        DISTINCT_REGIONS,
        CONDITION
    }
}
