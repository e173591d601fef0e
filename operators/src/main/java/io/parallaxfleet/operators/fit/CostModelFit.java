package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Fits a device class's {@link CostModel} from timed branch runs, or says what is missing for it. Only the boundary between the
 * two sides is identifiable from such data; the byte term alone is not a bandwidth. Intervals are percentiles over
 * resamples of whole regions, because what one region has in common (its operators, its layout) does not average out over its
 * runs. Deterministic for a seed. Thread-safe.
 */
public final class CostModelFit {
    private final FitOptions options;

    public CostModelFit(FitOptions options) {
        this.options = options;
    }

    public FitResult fit(List<RegionRuns> runs) {
        List<RegionRuns> cpu = runs.stream()
                .filter(r -> !r.accelerator() && r.shape().macs() >= options.minCpuMacs())
                .toList();
        List<RegionRuns> accelerator = runs.stream().filter(RegionRuns::accelerator).toList();
        long cpuSamples = samples(cpu);
        long acceleratorSamples = samples(accelerator);
        if (cpuSamples < options.minSamplesPerSide()) {
            return new FitResult.NotYet(FitResult.Gate.CPU_SAMPLES, "waiting for CPU runs: " + cpuSamples + " of "
                    + options.minSamplesPerSide() + " usable");
        }
        if (acceleratorSamples < options.minSamplesPerSide()) {
            return new FitResult.NotYet(FitResult.Gate.ACCELERATOR_SAMPLES, "waiting for accelerator runs: "
                    + acceleratorSamples + " of " + options.minSamplesPerSide() + " usable");
        }
        if (accelerator.size() < options.minDistinctRegions()) {
            return new FitResult.NotYet(FitResult.Gate.DISTINCT_REGIONS, "waiting for variety: " + accelerator.size() + " of "
                    + options.minDistinctRegions() + " distinct regions seen on the accelerator");
        }
        RelativeFit cpuFit = new RelativeFit(cpu, false, true, false);
        RelativeFit acceleratorFit = new RelativeFit(accelerator, true, true, true);
        double[] cpuPoint = cpuFit.fit();
        double[] acceleratorPoint = acceleratorFit.fit();
        double condition = acceleratorFit.conditionNumber();
        if (condition > options.maxConditionNumber()) {
            return new FitResult.NotYet(FitResult.Gate.CONDITION, String.format(Locale.ROOT,
                    "the %d regions on the accelerator are too alike to tell dispatch, MACs and bytes apart: condition number "
                            + "%.3g, at most %.3g is accepted", accelerator.size(), condition, options.maxConditionNumber()));
        }
        SplittableRandom random = new SplittableRandom(options.seed());
        double[][] cpuReplicates = replicates(cpuFit, cpuPoint, cpu.size(), random);
        double[][] acceleratorReplicates = replicates(acceleratorFit, acceleratorPoint, accelerator.size(), random);
        CostModelEstimate estimate = CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(interval(cpuPoint, cpuReplicates, 1))
                .setDispatchSeconds(interval(acceleratorPoint, acceleratorReplicates, 0))
                .setAcceleratorSecondsPerMac(interval(acceleratorPoint, acceleratorReplicates, 1))
                .setSecondsPerByte(interval(acceleratorPoint, acceleratorReplicates, 2))
                .setCpuSamples(cpuSamples)
                .setAcceleratorSamples(acceleratorSamples)
                .setDistinctRegions(accelerator.size())
                .setMedianRelativeError(0)
                .build();
        estimate.setMedianRelativeError(medianRelativeError(CostModel.of(estimate), cpu, accelerator));
        return new FitResult.Fitted(estimate, condition);
    }

    private static long samples(List<RegionRuns> regions) {
        return regions.stream().mapToLong(r -> r.latenciesNanos().length).sum();
    }

    private double[][] replicates(RelativeFit fit, double[] point, int regions, SplittableRandom random) {
        double[][] replicates = new double[options.resamples()][];
        int[] draws = new int[regions];
        for (int i = 0; i < replicates.length; i++) {
            Arrays.fill(draws, 0);
            for (int k = 0; k < regions; k++) {
                draws[random.nextInt(regions)]++;
            }
            replicates[i] = fit.refit(point, draws);
        }
        return replicates;
    }

    private static Interval interval(double[] point, double[][] replicates, int coefficient) {
        double[] values = Arrays.stream(replicates).mapToDouble(r -> r[coefficient]).sorted().toArray();
        int tail = (int) (0.025 * values.length);
        double value = point[coefficient];
        // With few regions every resample can lie on one side of the estimate, which is itself possible.
        return new Interval(value, Math.min(value, values[tail]), Math.max(value, values[values.length - 1 - tail]));
    }

    private static double medianRelativeError(CostModel model, List<RegionRuns> cpu, List<RegionRuns> accelerator) {
        double[] errors = new double[(int) (samples(cpu) + samples(accelerator))];
        int i = 0;
        for (List<RegionRuns> side : List.of(cpu, accelerator)) {
            for (RegionRuns region : side) {
                double predicted = region.accelerator()
                        ? model.acceleratorSeconds(region.shape())
                        : model.cpuSeconds(region.shape());
                for (long nanos : region.latenciesNanos()) {
                    double seconds = nanos * 1e-9;
                    errors[i++] = Math.abs(predicted - seconds) / seconds;
                }
            }
        }
        return RelativeFit.median(errors);
    }
}
