package io.parallaxfleet.operators.fit;

import java.util.Arrays;

/**
 * What one region was measured to cost by itself.
 *
 * @param seconds the median; a contrast's may be negative
 * @param standardError of the median
 */
public record MeasuredCost(double seconds, double standardError) {
    private static final double MAD_TO_SIGMA = 1.4826;
    /** Of a median against a mean on normal noise: √(π/2). */
    private static final double MEDIAN_LOSS = 1.2533;
    /** Devices run in bursts, and what disturbs one run of a burst disturbs them all: only bursts are independent. */
    static final int RUNS_OF_A_BURST = 16;
    /** Regions differ from the model by about this share of their cost. */
    static final double MODEL_SPREAD = 0.3;

    public MeasuredCost {
        if (!Double.isFinite(seconds) || !(standardError >= 0)) {
            throw new IllegalArgumentException("a cost of " + seconds + " s with standard error " + standardError);
        }
    }

    static MeasuredCost of(RegionRuns runs) {
        double median = runs.medianSeconds();
        double deviation = RelativeFit.median(
                Arrays.stream(runs.latenciesNanos()).mapToDouble(nanos -> Math.abs(nanos * 1e-9 - median)).toArray());
        double bursts = Math.max(1, runs.latenciesNanos().length / (double) RUNS_OF_A_BURST);
        return new MeasuredCost(median, MEDIAN_LOSS * MAD_TO_SIGMA * deviation / Math.sqrt(bursts));
    }

    /**
     * Measurement and model, each weighed by its precision: a clear measurement overrules the model, a noisy one hardly moves it.
     * Without this the search would pick regions for their luck.
     */
    double shrunkTo(double modelSeconds) {
        double modelVariance = Math.pow(MODEL_SPREAD * modelSeconds, 2);
        double measuredVariance = standardError * standardError;
        if (modelVariance == 0) {
            return modelSeconds;
        }
        double weight = modelVariance / (modelVariance + measuredVariance);
        // No region takes less than no time, however lucky its contrast.
        return Math.max(0, weight * seconds + (1 - weight) * modelSeconds);
    }
}
