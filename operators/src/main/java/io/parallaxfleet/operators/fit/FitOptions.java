package io.parallaxfleet.operators.fit;

import java.io.Serializable;

/**
 * When a fit is believed, and how its intervals are made.
 *
 * @param minDistinctRegions distinct (N, F, B) needed on the accelerator; with three the transfer term is unidentified, with ten
 *     it is known to 7 %
 * @param minSamplesPerSide timed runs needed on each side
 * @param maxConditionNumber of the scaled, weighted design [1, F, B]; above it the three accelerator terms cannot be told apart
 * @param minCpuMacs CPU branches below it are overhead rather than arithmetic and say nothing of R_cpu
 * @param resamples bootstrap replicates behind the intervals
 * @param seed of the bootstrap
 */
public record FitOptions(int minDistinctRegions, int minSamplesPerSide, double maxConditionNumber, long minCpuMacs, int resamples,
        long seed) implements Serializable {
    public FitOptions {
        if (minDistinctRegions < 3) {
            throw new IllegalArgumentException("minDistinctRegions is " + minDistinctRegions
                    + "; three unknowns need at least 3 distinct regions");
        }
        if (minSamplesPerSide < 3) {
            throw new IllegalArgumentException("minSamplesPerSide is " + minSamplesPerSide + "; it must be at least 3");
        }
        if (!(maxConditionNumber > 1)) {
            throw new IllegalArgumentException("maxConditionNumber is " + maxConditionNumber + "; it must be above 1");
        }
        if (minCpuMacs < 1) {
            throw new IllegalArgumentException("minCpuMacs is " + minCpuMacs + "; it must be at least 1");
        }
        if (resamples < 20) {
            throw new IllegalArgumentException("resamples is " + resamples + "; a 95 % interval needs at least 20");
        }
    }

    public static FitOptions defaults() {
        return new FitOptions(10, 30, 1000, 1_000_000, 200, 20251211L);
    }

    public FitOptions withMinDistinctRegions(int regions) {
        return new FitOptions(regions, minSamplesPerSide, maxConditionNumber, minCpuMacs, resamples, seed);
    }
}
