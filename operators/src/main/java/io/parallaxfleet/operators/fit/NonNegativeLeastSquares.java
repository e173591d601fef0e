package io.parallaxfleet.operators.fit;

import java.util.Arrays;

/**
 * Weighted least squares with non-negative coefficients for three columns: {@code min Σ w_i (x_i·b − y_i)²}, b >= 0. Every subset
 * of free columns is solved and the best feasible one kept, which is exact for so few columns. Columns are scaled to unit
 * weighted norm first: they differ by 15 orders of magnitude. Not thread-safe.
 */
final class NonNegativeLeastSquares {
    static final int COLUMNS = 3;

    private final double[][] gram = new double[COLUMNS][COLUMNS];
    private final double[] moment = new double[COLUMNS];

    void clear() {
        for (int i = 0; i < COLUMNS; i++) {
            moment[i] = 0;
            Arrays.fill(gram[i], 0);
        }
    }

    void add(double x0, double x1, double x2, double y, double weight) {
        gram[0][0] += weight * x0 * x0;
        gram[0][1] += weight * x0 * x1;
        gram[0][2] += weight * x0 * x2;
        gram[1][1] += weight * x1 * x1;
        gram[1][2] += weight * x1 * x2;
        gram[2][2] += weight * x2 * x2;
        moment[0] += weight * x0 * y;
        moment[1] += weight * x1 * y;
        moment[2] += weight * x2 * y;
    }

    /** The coefficients; all zero when no column carries anything. */
    double[] solve() {
        double[] norms = norms();
        double[][] scaled = scaled(norms);
        double[] best = new double[COLUMNS];
        double bestObjective = 0;
        for (int subset = 1; subset < 1 << COLUMNS; subset++) {
            double[] candidate = solve(scaled, norms, subset);
            if (candidate != null) {
                double objective = objective(scaled, norms, candidate);
                if (objective < bestObjective) {
                    bestObjective = objective;
                    best = candidate;
                }
            }
        }
        double[] coefficients = new double[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            coefficients[i] = norms[i] == 0 ? 0 : best[i] / norms[i];
        }
        return coefficients;
    }

    /** Ratio of the largest to the smallest singular value of the scaled design; infinite when it is singular. */
    double conditionNumber() {
        double[] eigenvalues = eigenvalues(scaled(norms()));
        double low = Math.min(eigenvalues[0], Math.min(eigenvalues[1], eigenvalues[2]));
        double high = Math.max(eigenvalues[0], Math.max(eigenvalues[1], eigenvalues[2]));
        // Rounding leaves a singular Gram matrix with eigenvalues of about 1e-16 of either sign.
        return low <= 1e-14 * high ? Double.POSITIVE_INFINITY : Math.sqrt(high / low);
    }

    private double[] norms() {
        return new double[] {Math.sqrt(gram[0][0]), Math.sqrt(gram[1][1]), Math.sqrt(gram[2][2])};
    }

    private double[][] scaled(double[] norms) {
        double[][] scaled = new double[COLUMNS][COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            for (int j = i; j < COLUMNS; j++) {
                double value = norms[i] == 0 || norms[j] == 0 ? 0 : gram[i][j] / (norms[i] * norms[j]);
                scaled[i][j] = value;
                scaled[j][i] = value;
            }
        }
        return scaled;
    }

    private double scaledMoment(int i, double[] norms) {
        return norms[i] == 0 ? 0 : moment[i] / norms[i];
    }

    // Gaussian elimination on the chosen columns; null when they are dependent or a coefficient is negative.
    private double[] solve(double[][] scaled, double[] norms, int subset) {
        int[] columns = new int[Integer.bitCount(subset)];
        for (int i = 0, k = 0; i < COLUMNS; i++) {
            if ((subset >> i & 1) == 1) {
                columns[k++] = i;
            }
        }
        int n = columns.length;
        double[][] a = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                a[i][j] = scaled[columns[i]][columns[j]];
            }
            a[i][n] = scaledMoment(columns[i], norms);
        }
        for (int p = 0; p < n; p++) {
            // The matrix is symmetric and positive definite, so the diagonal is a safe pivot unless it is singular.
            if (a[p][p] < 1e-12) {
                return null;
            }
            for (int i = p + 1; i < n; i++) {
                double factor = a[i][p] / a[p][p];
                for (int j = p; j <= n; j++) {
                    a[i][j] -= factor * a[p][j];
                }
            }
        }
        double[] solution = new double[COLUMNS];
        for (int i = n - 1; i >= 0; i--) {
            double value = a[i][n];
            for (int j = i + 1; j < n; j++) {
                value -= a[i][j] * solution[columns[j]];
            }
            value /= a[i][i];
            if (!(value >= 0)) {
                return null;
            }
            solution[columns[i]] = value;
        }
        return solution;
    }

    // Σ w (x·b − y)² less its constant Σ w y².
    private double objective(double[][] scaled, double[] norms, double[] b) {
        double sum = 0;
        for (int i = 0; i < COLUMNS; i++) {
            sum -= 2 * b[i] * scaledMoment(i, norms);
            for (int j = 0; j < COLUMNS; j++) {
                sum += b[i] * scaled[i][j] * b[j];
            }
        }
        return sum;
    }

    // Jacobi rotations on a symmetric 3 x 3 matrix.
    private static double[] eigenvalues(double[][] m) {
        for (int sweep = 0; sweep < 30; sweep++) {
            for (int p = 0; p < COLUMNS - 1; p++) {
                for (int q = p + 1; q < COLUMNS; q++) {
                    if (m[p][q] != 0) {
                        rotate(m, p, q);
                    }
                }
            }
        }
        return new double[] {m[0][0], m[1][1], m[2][2]};
    }

    private static void rotate(double[][] m, int p, int q) {
        double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
        double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        double c = 1 / Math.sqrt(t * t + 1);
        double s = t * c;
        for (int k = 0; k < COLUMNS; k++) {
            double kp = m[k][p];
            double kq = m[k][q];
            m[k][p] = c * kp - s * kq;
            m[k][q] = s * kp + c * kq;
        }
        for (int k = 0; k < COLUMNS; k++) {
            double pk = m[p][k];
            double qk = m[q][k];
            m[p][k] = c * pk - s * qk;
            m[q][k] = s * pk + c * qk;
        }
    }
}
