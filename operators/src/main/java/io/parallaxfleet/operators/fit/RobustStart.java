package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Where a robust fit starts: of {@value #DRAWS} solutions through random triples of regions the one with the smallest median of
 * {@code |log(measured / predicted)|} over all regions. A start by least squares would follow whoever claims times that are
 * thousands of times too short; this one holds as long as half of the regions are sound. Source: Rousseeuw, "Least median of
 * squares regression", JASA 79 (1984).
 */
final class RobustStart {
    private static final int DRAWS = 100;

    private RobustStart() {}

    /** Seconds per dispatch, MAC and byte; zero where the column is left out. */
    static double[] of(List<RegionRuns> regions, boolean[] columns, SplittableRandom random) {
        double[] seconds = regions.stream().mapToDouble(RegionRuns::medianSeconds).toArray();
        double[] best = null;
        double least = Double.POSITIVE_INFINITY;
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        for (int draw = 0; draw < DRAWS; draw++) {
            squares.clear();
            for (int i = 0; i < 3; i++) {
                int region = random.nextInt(regions.size());
                RegionShape shape = regions.get(region).shape();
                squares.add(columns[0] ? 1 : 0, columns[1] ? shape.macs() : 0, columns[2] ? shape.boundaryBytes() : 0,
                        seconds[region], 1 / (seconds[region] * seconds[region]));
            }
            double[] candidate = squares.solve();
            double[] errors = new double[seconds.length];
            for (int i = 0; i < errors.length; i++) {
                errors[i] = Math.abs(Math.log(seconds[i] / RelativeFit.predict(candidate, regions.get(i).shape())));
            }
            double error = RelativeFit.median(errors);
            if (best == null || error < least) {
                best = candidate;
                least = error;
            }
        }
        return Arrays.copyOf(best, best.length);
    }
}
