package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Seconds per MAC on the CPU from contrasts: robust weighted least squares through the origin over the medians of each set of
 * delegated regions. A median's variance is its sampling variance plus what regions differ in themselves: without the first,
 * small regions drown the fit in noise, without the second one large region decides it alone. How much regions differ is estimated
 * from the contrasts, by the largest likelihood of their robust residuals with one made-up region that differs by
 * {@value MeasuredCost#MODEL_SPREAD}. Not thread-safe.
 */
final class ContrastFit {
    private static final double HUBER = 1.345;
    private static final int ITERATIONS = 15;
    /** Candidates of the regions' own spread, as shares of their cost. */
    private static final double[] SPREADS = {0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5};

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

    /** Seconds per MAC; not positive when the contrasts carry no signal. Leaves its weights behind for {@link #refit}. */
    double fit() {
        double pilot = pilot();
        if (pilot <= 0) {
            return pilot;
        }
        double best = pilot;
        double likeliest = Double.NEGATIVE_INFINITY;
        double[] bestWeights = weights.clone();
        for (double spread : SPREADS) {
            double secondsPerMac = fit(pilot, spread);
            double likelihood = logLikelihood(pilot, secondsPerMac, spread);
            if (likelihood > likeliest) {
                likeliest = likelihood;
                best = secondsPerMac;
                System.arraycopy(weights, 0, bestWeights, 0, weights.length);
            }
        }
        System.arraycopy(bestWeights, 0, weights, 0, weights.length);
        return best;
    }

    private double fit(double pilot, double spread) {
        double secondsPerMac = pilot;
        for (int iteration = 0; iteration < ITERATIONS; iteration++) {
            for (int i = 0; i < macs.length; i++) {
                double variance = variance(i, pilot, spread);
                double standardised = Math.abs(seconds[i] - secondsPerMac * macs[i]) / Math.sqrt(variance);
                weights[i] = (standardised <= HUBER ? 1 : HUBER / standardised) / variance;
            }
            secondsPerMac = solve(once());
        }
        return secondsPerMac;
    }

    // From the pilot, not from the estimate: a spread that shrinks with it would pull it to zero.
    private double variance(int i, double pilot, double spread) {
        double own = spread * pilot * macs[i];
        return samplingVariance[i] + own * own;
    }

    private double logLikelihood(double pilot, double secondsPerMac, double spread) {
        double prior = MeasuredCost.MODEL_SPREAD / spread;
        double sum = -Math.log(spread) - prior * prior / 2;
        for (int i = 0; i < macs.length; i++) {
            double variance = variance(i, pilot, spread);
            double standardised = Math.abs(seconds[i] - secondsPerMac * macs[i]) / Math.sqrt(variance);
            sum -= Math.log(variance) / 2
                    + (standardised <= HUBER ? standardised * standardised / 2 : HUBER * (standardised - HUBER / 2));
        }
        return sum;
    }

    // The median of seconds per MAC, each contrast weighed by its MACs: no minority of contrasts can move it far.
    private double pilot() {
        Integer[] order = IntStream.range(0, macs.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> seconds[i] / macs[i]));
        double half = Arrays.stream(macs).sum() / 2;
        double passed = 0;
        for (int i : order) {
            passed += macs[i];
            if (passed >= half) {
                return seconds[i] / macs[i];
            }
        }
        throw new IllegalStateException("no contrasts");
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
