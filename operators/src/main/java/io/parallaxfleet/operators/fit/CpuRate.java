package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The CPU's side of a fit: seconds per MAC with bootstrap replicates, and what it rests on. Contrasts are preferred, for they are about
 * the regions that are delegated; the branches of plans that delegate nothing stand in until there are enough, and where even these
 * are missing the branches that other plans left over.
 *
 * @param replicates seconds per MAC of each resample; the array is not to be changed
 * @param basis the runs behind it
 */
record CpuRate(double secondsPerMac, double[] replicates, List<RegionRuns> basis) {
    /** Sets of delegated regions below which contrasts say more about single regions than about the CPU. */
    private static final int MIN_CONTRASTS = 3;

    /** The rate; its basis may hold too few samples, which the caller judges. */
    static CpuRate of(List<RegionRuns> runs, FitOptions options, SplittableRandom random) {
        List<RegionRuns> contrasts = select(runs, CostSide.CPU_BY_CONTRAST, options);
        if (contrasts.size() >= MIN_CONTRASTS && samples(contrasts) >= options.minSamplesPerSide()) {
            ContrastFit fit = new ContrastFit(contrasts);
            double secondsPerMac = fit.fit();
            // Noise can drown contrasts of small regions altogether; then they decide nothing.
            if (secondsPerMac > 0) {
                double[] replicates = new double[options.resamples()];
                for (int i = 0; i < replicates.length; i++) {
                    replicates[i] = fit.refit(draws(contrasts.size(), random));
                }
                return new CpuRate(secondsPerMac, replicates, contrasts);
            }
        }
        List<RegionRuns> branches = select(runs, CostSide.CPU, options);
        if (samples(branches) < options.minSamplesPerSide()) {
            branches = select(runs, CostSide.CPU_LEFT_OVER, options);
        }
        if (samples(branches) < options.minSamplesPerSide()) {
            return new CpuRate(Double.NaN, new double[0], branches);
        }
        RelativeFit fit = new RelativeFit(branches, false, true, false);
        double[] point = fit.fit();
        double[] replicates = new double[options.resamples()];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = fit.refit(point, draws(branches.size(), random))[1];
        }
        return new CpuRate(point[1], replicates, branches);
    }

    long samples() {
        return samples(basis);
    }

    static long samples(List<RegionRuns> regions) {
        return regions.stream().mapToLong(r -> r.latenciesNanos().length).sum();
    }

    /** How often each of the given number of regions is drawn in one resample. */
    static int[] draws(int regions, SplittableRandom random) {
        int[] draws = new int[regions];
        for (int k = 0; k < regions; k++) {
            draws[random.nextInt(regions)]++;
        }
        return draws;
    }

    /** |predicted − measured| / measured of what it rests on: of each run of a branch, of each contrast's median. */
    double[] relativeErrors() {
        return basis.stream().flatMapToDouble(region -> {
            double predicted = secondsPerMac * region.shape().macs();
            return region.side() == CostSide.CPU_BY_CONTRAST
                    ? Arrays.stream(new double[] {region.medianSeconds()}).filter(seconds -> seconds > 0)
                            .map(seconds -> Math.abs(predicted - seconds) / seconds)
                    : Arrays.stream(region.latenciesNanos()).mapToDouble(nanos -> Math.abs(predicted - nanos * 1e-9) / (nanos * 1e-9));
        }).toArray();
    }

    private static List<RegionRuns> select(List<RegionRuns> runs, CostSide side, FitOptions options) {
        return runs.stream().filter(r -> r.side() == side && r.shape().macs() >= options.minCpuMacs()).toList();
    }
}
