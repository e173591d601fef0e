package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the classes of a family that have cost models of their own say of one that has not: each coefficient is taken as normal
 * around the classes' mean, with the variance between them and of their fits. Of few classes the variance between them is not
 * known well, so one made-up class that differs by {@value MeasuredCost#MODEL_SPREAD} counts with them. Source: Efron, Morris,
 * "Data analysis using Stein's estimator and its generalizations", JASA 70 (1975). Immutable and thread-safe.
 */
public final class FamilyPrior {
    /** Of one class nobody can tell what its family has in common. */
    static final int MIN_CLASSES = 2;
    private static final double NORMAL_95 = 1.96;

    private record Normal(double mean, double variance) {}

    private final String family;
    private final Normal cpu;
    private final List<Normal> accelerator;

    private FamilyPrior(String family, Collection<CostModelEstimate> classes) {
        this.family = family;
        this.cpu = over(classes, CostModelEstimate::getCpuSecondsPerMac);
        this.accelerator = List.of(over(classes, CostModelEstimate::getDispatchSeconds),
                over(classes, CostModelEstimate::getAcceleratorSecondsPerMac), over(classes, CostModelEstimate::getSecondsPerByte));
    }

    /** Empty where fewer than {@value #MIN_CLASSES} classes are known. */
    public static Optional<FamilyPrior> of(String family, Collection<CostModelEstimate> classes) {
        return classes.size() < MIN_CLASSES ? Optional.empty() : Optional.of(new FamilyPrior(family, classes));
    }

    private static Normal over(Collection<CostModelEstimate> classes, Function<CostModelEstimate, Interval> coefficient) {
        List<Interval> values = classes.stream().map(coefficient).toList();
        double mean = values.stream().mapToDouble(Interval::getValue).average().orElseThrow();
        double between = Math.pow(MeasuredCost.MODEL_SPREAD * mean, 2);
        double within = 0;
        for (Interval value : values) {
            between += Math.pow(value.getValue() - mean, 2);
            within += Math.pow((value.getHigh() - value.getLow()) / (2 * NORMAL_95), 2);
        }
        // The made-up class makes as many degrees of freedom as there are classes.
        return new Normal(mean, between / values.size() + within / values.size());
    }

    /** The class's own measurements and the family, each by the information it has; no coefficient is negative. */
    public CostModelEstimate complete(SparseFit own) {
        double cpuWeight = 1 / own.cpuVariance();
        double cpuPrior = 1 / cpu.variance();
        double cpuSecondsPerMac = (cpuWeight * own.cpuSecondsPerMac() + cpuPrior * cpu.mean()) / (cpuWeight + cpuPrior);
        NonNegativeLeastSquares squares = new NonNegativeLeastSquares();
        double[][] information = new double[3][3];
        for (SparseFit.Region region : own.regions()) {
            double[] x = {1, region.shape().macs(), region.shape().boundaryBytes()};
            double weight = 1 / (region.relativeVariance() * region.seconds() * region.seconds());
            squares.add(x[0], x[1], x[2], region.seconds(), weight);
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    information[i][j] += weight * x[i] * x[j];
                }
            }
        }
        for (int i = 0; i < 3; i++) {
            Normal prior = accelerator.get(i);
            // A coefficient that is 0 without doubt in every class stays 0.
            double weight = 1 / Math.max(prior.variance(), Double.MIN_NORMAL);
            squares.add(i == 0 ? 1 : 0, i == 1 ? 1 : 0, i == 2 ? 1 : 0, prior.mean(), weight);
            information[i][i] += weight;
        }
        double[] found = squares.solve();
        return CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(around(cpuSecondsPerMac, 1 / (cpuWeight + cpuPrior)))
                .setDispatchSeconds(around(found[0], variance(information, 0)))
                .setAcceleratorSecondsPerMac(around(found[1], variance(information, 1)))
                .setSecondsPerByte(around(found[2], variance(information, 2)))
                .setCpuSamples(own.cpuSamples())
                .setAcceleratorSamples(own.regions().stream().mapToLong(SparseFit.Region::samples).sum())
                .setDistinctRegions((int) own.regions().stream().map(SparseFit.Region::shape).distinct().count())
                .setMedianRelativeError(medianRelativeError(own, new CostModel(cpuSecondsPerMac, found[0], found[1], found[2])))
                .setPriorFamily(family)
                .build();
    }

    private static double medianRelativeError(SparseFit own, CostModel model) {
        return RelativeFit.median(own.regions().stream()
                .mapToDouble(region -> Math.abs(model.acceleratorSeconds(region.shape()) - region.seconds()) / region.seconds())
                .toArray());
    }

    private static Interval around(double value, double variance) {
        double half = NORMAL_95 * Math.sqrt(variance);
        return new Interval(value, Math.max(0, value - half), value + half);
    }

    // The i-th diagonal element of the inverse, by cofactors, of a matrix brought to a unit diagonal first: MACs dwarf dispatches.
    private static double variance(double[][] information, int i) {
        double[] scale = new double[3];
        for (int k = 0; k < 3; k++) {
            scale[k] = 1 / Math.sqrt(information[k][k]);
        }
        double[][] m = new double[3][3];
        for (int r = 0; r < 3; r++) {
            for (int c = 0; c < 3; c++) {
                m[r][c] = information[r][c] * scale[r] * scale[c];
            }
        }
        double determinant = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
                + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
        int a = (i + 1) % 3;
        int b = (i + 2) % 3;
        double cofactor = m[a][a] * m[b][b] - m[a][b] * m[b][a];
        return cofactor / Math.max(determinant, 1e-12) * scale[i] * scale[i];
    }
}
