package io.parallaxfleet.operators.fit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The CPU's side of a fit: seconds per MAC with bootstrap replicates, and what it rests on. Two witnesses are weighed: contrasts are
 * about the very regions that are delegated, but are differences of noisy times; branches of plans that delegate nothing are
 * timed well, but hold operators that no accelerator runs. The branches' variance is taken with their disagreement with the
 * contrasts on top, as far as chance does not explain it: {@code max(0, (a_b − a_c)² − 4(v_b + v_c))}. So they sharpen contrasts
 * they agree with and give way to contrasts they contradict. Where both are missing, the branches that other plans left over stand in.
 *
 * @param replicates seconds per MAC of each resample; the array is not to be changed
 * @param basis the runs behind it
 */
record CpuRate(double secondsPerMac, double[] replicates, List<RegionRuns> basis) {
    /** Sets of delegated regions below which contrasts say more about single regions than about the CPU. */
    private static final int MIN_CONTRASTS = 3;
    /** Standard errors by which the two witnesses may differ by chance. */
    private static final double CHANCE = 2;
    /** Of fewer runs no spread can be told. */
    private static final int MIN_CONTRAST_RUNS = 4;

    /** The rate; its basis may hold too few samples, which the caller judges. */
    static CpuRate of(List<RegionRuns> runs, FitOptions options, SplittableRandom random) {
        CpuRate contrasts = byContrasts(select(runs, CostSide.CPU_BY_CONTRAST, options).stream()
                .filter(region -> region.latenciesNanos().length >= MIN_CONTRAST_RUNS).toList(), options, random);
        CpuRate branches = byBranches(select(runs, CostSide.CPU, options), options, random);
        if (contrasts.known() && branches.known()) {
            return weigh(contrasts, branches);
        }
        if (contrasts.known() || branches.known()) {
            return contrasts.known() ? contrasts : branches;
        }
        return byBranches(select(runs, CostSide.CPU_LEFT_OVER, options), options, random);
    }

    private static CpuRate byContrasts(List<RegionRuns> contrasts, FitOptions options, SplittableRandom random) {
        if (contrasts.size() >= MIN_CONTRASTS && samples(contrasts) >= options.minSamplesPerSide()) {
            ContrastFit fit = new ContrastFit(contrasts);
            double secondsPerMac = fit.fit();
            // Noise can drown contrasts of small regions altogether; then they decide nothing.
            if (secondsPerMac > 0) {
                double[] replicates = new double[options.resamples()];
                for (int i = 0; i < replicates.length; i++) {
                    replicates[i] = fit.refit(drawsByModel(contrasts, random));
                }
                return new CpuRate(secondsPerMac, replicates, contrasts);
            }
        }
        return unknown(contrasts);
    }

    private static CpuRate byBranches(List<RegionRuns> branches, FitOptions options, SplittableRandom random) {
        if (samples(branches) < options.minSamplesPerSide()) {
            return unknown(branches);
        }
        boolean[] macsOnly = {false, true, false};
        RelativeFit fit = new RelativeFit(branches, macsOnly);
        double[] point = fit.fit(RobustStart.of(branches, macsOnly, random));
        double[] replicates = new double[options.resamples()];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = fit.refit(point, draws(branches.size(), random))[1];
        }
        return new CpuRate(point[1], replicates, branches);
    }

    private static CpuRate weigh(CpuRate contrasts, CpuRate branches) {
        double contrastVariance = contrasts.variance();
        double branchVariance = branches.variance();
        double apart = branches.secondsPerMac - contrasts.secondsPerMac;
        double bias = Math.max(0, apart * apart - CHANCE * CHANCE * (contrastVariance + branchVariance));
        double share = contrastVariance / (contrastVariance + branchVariance + bias);
        double[] replicates = new double[contrasts.replicates.length];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = share * branches.replicates[i] + (1 - share) * contrasts.replicates[i];
        }
        return new CpuRate(share * branches.secondsPerMac + (1 - share) * contrasts.secondsPerMac, replicates,
                Stream.concat(contrasts.basis.stream(), branches.basis.stream()).toList());
    }

    /**
     * Of the seconds per MAC. Few models can agree by luck: one made-up model that differs as models are known to keeps that from
     * counting as certainty.
     */
    double variance() {
        double mean = Arrays.stream(replicates).average().orElseThrow();
        double sampling = Arrays.stream(replicates).map(r -> (r - mean) * (r - mean)).average().orElseThrow();
        double own = MeasuredCost.MODEL_SPREAD * secondsPerMac / basis.stream().map(RegionRuns::modelKey).distinct().count();
        return sampling + own * own;
    }

    private boolean known() {
        return replicates.length > 0;
    }

    private static CpuRate unknown(List<RegionRuns> basis) {
        return new CpuRate(Double.NaN, new double[0], basis);
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

    // Contrasts of one model are taken against the same few runs and err together.
    private static int[] drawsByModel(List<RegionRuns> contrasts, SplittableRandom random) {
        List<String> models = contrasts.stream().map(RegionRuns::modelKey).distinct().toList();
        if (models.size() < MIN_CONTRASTS) {
            return draws(contrasts.size(), random);
        }
        int[] drawn = draws(models.size(), random);
        return contrasts.stream().mapToInt(region -> drawn[models.indexOf(region.modelKey())]).toArray();
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
