package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/**
 * Fits a device class's {@link CostModel} from timed branch runs, or says what is missing for it. Only the boundary between the
 * two sides is identifiable from such data; the byte term alone is not a bandwidth. Intervals are percentiles over
 * resamples of whole regions, because what one region has in common (its operators, its layout) does not average out over its
 * runs. Deterministic for a seed. Thread-safe.
 */
public final class CostModelFit {
    private static final boolean[] ALL_TERMS = {true, true, true};
    private static final boolean[] MACS_ONLY = {false, true, false};

    private final FitOptions options;

    public CostModelFit(FitOptions options) {
        this.options = options;
    }

    public FitResult fit(List<RegionRuns> all) {
        SplittableRandom random = new SplittableRandom(options.seed());
        Set<Integer> liars = DeviceScreen.liars(all, expectation(all, random));
        List<RegionRuns> runs = DeviceScreen.without(all, liars);
        CpuRate cpu = CpuRate.of(runs, options, random);
        List<RegionRuns> accelerator = runs.stream().filter(r -> r.side() == CostSide.ACCELERATOR).toList();
        long cpuSamples = cpu.samples();
        long acceleratorSamples = CpuRate.samples(accelerator);
        if (cpuSamples < options.minSamplesPerSide()) {
            return new FitResult.NotYet(FitResult.Gate.CPU_SAMPLES, "waiting for CPU runs: " + cpuSamples + " of "
                    + options.minSamplesPerSide() + " usable");
        }
        if (acceleratorSamples < options.minSamplesPerSide()) {
            return new FitResult.NotYet(FitResult.Gate.ACCELERATOR_SAMPLES, "waiting for accelerator runs: "
                    + acceleratorSamples + " of " + options.minSamplesPerSide() + " usable");
        }
        long distinctRegions = accelerator.stream().map(RegionRuns::shape).distinct().count();
        if (distinctRegions < options.minDistinctRegions()) {
            return new FitResult.NotYet(FitResult.Gate.DISTINCT_REGIONS, "waiting for variety: " + distinctRegions + " of "
                    + options.minDistinctRegions() + " distinct regions seen on the accelerator", sparse(cpu, accelerator));
        }
        RelativeFit acceleratorFit = new RelativeFit(accelerator, ALL_TERMS);
        double[] acceleratorPoint = acceleratorFit.fit(RobustStart.of(accelerator, ALL_TERMS, random));
        double condition = acceleratorFit.conditionNumber();
        if (condition > options.maxConditionNumber()) {
            return new FitResult.NotYet(FitResult.Gate.CONDITION, String.format(Locale.ROOT,
                    "the %d regions on the accelerator are too alike to tell dispatch, MACs and bytes apart: condition number "
                            + "%.3g, at most %.3g is accepted", distinctRegions, condition, options.maxConditionNumber()), sparse(cpu, accelerator));
        }
        double[][] replicates = new double[options.resamples()][];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = acceleratorFit.refit(acceleratorPoint, CpuRate.draws(accelerator.size(), random));
        }
        CostModelEstimate estimate = CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(interval(cpu.secondsPerMac(), Arrays.stream(cpu.replicates())))
                .setDispatchSeconds(interval(acceleratorPoint[0], Arrays.stream(replicates).mapToDouble(r -> r[0])))
                .setAcceleratorSecondsPerMac(interval(acceleratorPoint[1], Arrays.stream(replicates).mapToDouble(r -> r[1])))
                .setSecondsPerByte(interval(acceleratorPoint[2], Arrays.stream(replicates).mapToDouble(r -> r[2])))
                .setCpuSamples(cpuSamples)
                .setAcceleratorSamples(acceleratorSamples)
                .setDistinctRegions((int) distinctRegions)
                .setMedianRelativeError(0)
                .build();
        estimate.setMedianRelativeError(medianRelativeError(CostModel.of(estimate), cpu, accelerator));
        return new FitResult.Fitted(estimate, condition, liars);
    }

    private static SparseFit sparse(CpuRate cpu, List<RegionRuns> accelerator) {
        return new SparseFit(cpu.secondsPerMac(), cpu.variance(), cpu.samples(), accelerator.stream().map(SparseFit.Region::of).toList());
    }

    // By starts that a minority of regions cannot mislead, so that a liar does not vouch for himself.
    private static DeviceScreen.Expectation expectation(List<RegionRuns> runs, SplittableRandom random) {
        List<RegionRuns> accelerator = runs.stream().filter(r -> r.side() == CostSide.ACCELERATOR).toList();
        List<RegionRuns> cpu = runs.stream().filter(r -> r.side() == CostSide.CPU || r.side() == CostSide.CPU_LEFT_OVER).toList();
        double[] none = {Double.NaN, Double.NaN, Double.NaN};
        double[] onAccelerator = accelerator.isEmpty() ? none : RobustStart.of(accelerator, ALL_TERMS, random);
        double[] onCpu = cpu.isEmpty() ? none : RobustStart.of(cpu, MACS_ONLY, random);
        return region -> RelativeFit.predict(region.side() == CostSide.ACCELERATOR ? onAccelerator : onCpu, region.shape());
    }

    private static Interval interval(double value, DoubleStream replicates) {
        double[] values = replicates.sorted().toArray();
        int tail = (int) (0.025 * values.length);
        // With few regions every resample can lie on one side of the estimate, which is itself possible.
        return new Interval(value, Math.min(value, values[tail]), Math.max(value, values[values.length - 1 - tail]));
    }

    private static double medianRelativeError(CostModel model, CpuRate cpu, List<RegionRuns> accelerator) {
        DoubleStream errors = accelerator.stream().flatMapToDouble(region -> {
            double predicted = model.acceleratorSeconds(region.shape());
            return Arrays.stream(region.latenciesNanos())
                    .mapToDouble(nanos -> Math.abs(predicted - nanos * 1e-9) / (nanos * 1e-9));
        });
        return RelativeFit.median(DoubleStream.concat(errors, Arrays.stream(cpu.relativeErrors())).toArray());
    }
}
