package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.List;

/**
 * Robust linear regression of times on [dispatch, F, B] with non-negative coefficients, in relative residuals
 * {@code (t − p) / p}: each run weighs {@code huber(r) / p²}, p its predicted time, iterated from a start that no minority of
 * regions can mislead. Dividing by the predicted rather than the measured time keeps noise from biasing the fit low. Huber's constant is 1.345 robust standard deviations (95 %
 * efficiency on normal noise). Not thread-safe.
 */
final class RelativeFit {
    private static final double HUBER = 1.345;
    private static final double MAD_TO_SIGMA = 1.4826;
    /** Residuals below a percent are timer noise; a smaller scale would call good samples outliers. */
    private static final double MIN_SCALE = 0.01;
    private static final int MAX_ITERATIONS = 30;
    private static final int RESAMPLE_ITERATIONS = 6;
    private static final double CONVERGED = 1e-7;

    private final List<RegionRuns> regions;
    private final boolean[] columns;
    private final int samples;
    private final NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
    private double scale;

    /** @param columns which of [dispatch, F, B] may be non-zero */
    RelativeFit(List<RegionRuns> regions, boolean... columns) {
        this.regions = regions;
        this.columns = columns;
        this.samples = regions.stream().mapToInt(r -> r.latenciesNanos().length).sum();
    }

    /**
     * Seconds per dispatch, MAC and byte.
     *
     * @param start as {@link RobustStart} finds it
     */
    double[] fit(double[] start) {
        int[] once = new int[regions.size()];
        Arrays.fill(once, 1);
        double[] coefficients = start;
        for (int i = 0; i < MAX_ITERATIONS; i++) {
            scale = Math.max(MIN_SCALE, MAD_TO_SIGMA * medianAbsoluteResidual(coefficients));
            double[] next = step(coefficients, once);
            boolean converged = converged(coefficients, next);
            coefficients = next;
            if (converged) {
                break;
            }
        }
        return coefficients;
    }

    /** The fit over regions drawn the given number of times each, started from the full fit. */
    double[] refit(double[] start, int[] draws) {
        double[] coefficients = start;
        for (int i = 0; i < RESAMPLE_ITERATIONS; i++) {
            coefficients = step(coefficients, draws);
        }
        return coefficients;
    }

    /** Of the design under the weights of the last fit. */
    double conditionNumber() {
        return squares.conditionNumber();
    }

    // One weighted least-squares solution.
    private double[] step(double[] previous, int[] draws) {
        squares.clear();
        for (int r = 0; r < regions.size(); r++) {
            if (draws[r] == 0) {
                continue;
            }
            RegionRuns region = regions.get(r);
            double x0 = columns[0] ? 1 : 0;
            double x1 = columns[1] ? region.shape().macs() : 0;
            double x2 = columns[2] ? region.shape().boundaryBytes() : 0;
            double predicted = predict(previous, region.shape());
            for (long nanos : region.latenciesNanos()) {
                double seconds = nanos * 1e-9;
                // A prediction far below the measurement must not buy unbounded weight.
                double reference = Math.max(predicted, 0.1 * seconds);
                double residual = Math.abs(seconds - predicted) / reference;
                double huber = residual <= HUBER * scale ? 1 : HUBER * scale / residual;
                squares.add(x0, x1, x2, seconds, draws[r] * huber / (reference * reference));
            }
        }
        return squares.solve();
    }

    private double medianAbsoluteResidual(double[] coefficients) {
        double[] residuals = new double[samples];
        int i = 0;
        for (RegionRuns region : regions) {
            double predicted = predict(coefficients, region.shape());
            for (long nanos : region.latenciesNanos()) {
                double seconds = nanos * 1e-9;
                residuals[i++] = Math.abs(seconds - predicted) / Math.max(predicted, 0.1 * seconds);
            }
        }
        return median(residuals);
    }

    static double predict(double[] coefficients, RegionShape shape) {
        return coefficients[0] + coefficients[1] * shape.macs() + coefficients[2] * shape.boundaryBytes();
    }

    private static boolean converged(double[] before, double[] after) {
        for (int i = 0; i < before.length; i++) {
            if (Math.abs(after[i] - before[i]) > CONVERGED * Math.abs(before[i])) {
                return false;
            }
        }
        return true;
    }

    static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
