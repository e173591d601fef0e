package io.parallaxfleet.operators.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NonNegativeLeastSquaresTest {
    @Test
    void exactDataGiveTheExactCoefficientsAcrossFifteenOrdersOfMagnitude() {
        SplittableRandom random = new SplittableRandom(5);
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        for (int i = 0; i < 40; i++) {
            double f = 1e7 * (1 + random.nextDouble(100));
            double b = 1e4 * (1 + random.nextDouble(100));
            squares.add(1, f, b, 3e-4 + 5e-12 * f + 2e-10 * b, 1 + random.nextDouble());
        }

        double[] coefficients = squares.solve();

        assertEquals(1, coefficients[0] / 3e-4, 1e-6);
        assertEquals(1, coefficients[1] / 5e-12, 1e-6);
        assertEquals(1, coefficients[2] / 2e-10, 1e-6);
    }

    @Test
    void noPointOnAGridIsBetterThanTheSolution() {
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[][] rows = new double[12][5];
            NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
            for (double[] row : rows) {
                // Targets of either sign push some coefficients to the bound.
                for (int k = 0; k < 5; k++) {
                    row[k] = k == 3 ? random.nextDouble(-1, 2) : random.nextDouble(0.1, 1);
                }
                squares.add(row[0], row[1], row[2], row[3], row[4]);
            }
            double[] solution = squares.solve();
            double best = loss(rows, solution);
            for (double x = 0; x <= 4; x += 0.25) {
                for (double y = 0; y <= 4; y += 0.25) {
                    for (double z = 0; z <= 4; z += 0.25) {
                        assertTrue(best <= loss(rows, new double[] {x, y, z}) + 1e-9, "seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void anEmptyColumnGetsZero() {
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        squares.add(0, 2, 0, 6, 1);
        squares.add(0, 4, 0, 12, 1);

        assertArrayEquals(new double[] {0, 3, 0}, squares.solve(), 1e-12);
    }

    @Test
    void dependentColumnsHaveInfiniteCondition() {
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        for (int i = 1; i < 9; i++) {
            squares.add(1, i, 7.0 * i, i, 1);
        }

        assertEquals(Double.POSITIVE_INFINITY, squares.conditionNumber());
    }

    @Test
    void orthogonalColumnsHaveConditionOne() {
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        squares.add(5, 0, 0, 1, 1);
        squares.add(0, 1e-9, 0, 1, 1);
        squares.add(0, 0, 1e9, 1, 1);

        assertEquals(1, squares.conditionNumber(), 1e-9);
    }

    private static double loss(double[][] rows, double[] b) {
        double loss = 0;
        for (double[] row : rows) {
            double residual = row[0] * b[0] + row[1] * b[1] + row[2] * b[2] - row[3];
            loss += row[4] * residual * residual;
        }
        return loss;
    }
}
