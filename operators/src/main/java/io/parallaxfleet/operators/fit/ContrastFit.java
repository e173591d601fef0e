package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.List;

/**
 * Seconds per MAC on the CPU from contrasts: robust weighted least squares through the origin over the medians of each set of
 * delegated regions. A median's variance is its sampling variance plus what regions differ in themselves, taken as
 * {@value MeasuredCost#MODEL_SPREAD} of their cost: without the first, small regions drown the fit in noise, without the second one large
 * region decides it alone. Not thread-safe.
 */
final class ContrastFit {
    private static final double HUBER = 1.345;
    private static final int ITERATIONS = 15;

    private final double[] macs;
    private final double[] seconds;
    private final double[] samplingVariance;
    private final double[] weights;

    ContrastFit(List<RegionRuns> contrasts) {
        int count = contrasts.size();
        macs = new double[count];
        seconds = new double[count];
        samplingVariance = new double[count];
        weights = new double[count];
        for (int i = 0; i < count; i++) {
            RegionRuns runs = contrasts.get(i);
            macs[i] = runs.shape().macs();
            seconds[i] = runs.medianSeconds();
            double standardError = MeasuredCost.of(runs).standardError();
            samplingVariance[i] = standardError * standardError;
        }
    }

    /** Seconds per MAC; not positive when the contrasts carry no signal. */
    double fit() {
        for (int i = 0; i < macs.length; i++) {
            weights[i] = 1 / (macs[i] * macs[i]);
        }
        double secondsPerMac = solve(once());
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            for (int i = 0; i < macs.length; i++) {
                double spread = MeasuredCost.MODEL_SPREAD * secondsPerMac * macs[i];
                double variance = samplingVariance[i] + spread * spread;
                double standardised = Math.abs(seconds[i] - secondsPerMac * macs[i]) / Math.sqrt(variance);
                weights[i] = (standardised <= HUBER ? 1 : HUBER / standardised) / variance;
            }
            secondsPerMac = solve(once());
        }
        return secondsPerMac;
    }

    /** The fit over contrasts drawn the given number of times each, under the weights of the full fit. */
    double refit(int[] draws) {
        return solve(draws);
    }

    private int[] once() {
        int[] draws = new int[macs.length];
        Arrays.fill(draws, 1);
        return draws;
    }

    private double solve(int[] draws) {
        double numerator = 0;
        double denominator = 0;
        for (int i = 0; i < macs.length; i++) {
            numerator += draws[i] * weights[i] * macs[i] * seconds[i];
            denominator += draws[i] * weights[i] * macs[i] * macs[i];
        }
        return numerator / denominator;
    }
}
