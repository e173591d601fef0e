package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Watches whether a class's runs stay what they were: each run's residual is the logarithm of its time less the median of its own
 * region's when the detector was last settled, over the scatter then, at most {@value #CLIP} either way, less what such residuals
 * were on average. A change of which regions run is so no drift. Once {@value #BATCH} have come of a side, the median over devices of each device's mean goes through a
 * {@link PageHinkley} test of that side: a device has one voice however much it reports. Not thread-safe.
 */
public final class DriftDetector {
    static final double CLIP = 3;
    static final int BATCH = 32;
    /** A reference over fewer runs is too vague to measure a change against. */
    static final int MIN_REFERENCE_RUNS = 16;
    private static final double MAD_TO_SIGMA = 1.4826;
    private static final double MIN_SCATTER = 0.02;

    /** Median and scatter of the logarithms of a region's times. */
    record Reference(double median, double scatter) {
        double residual(double log) {
            return Math.max(-CLIP, Math.min(CLIP, (log - median) / scatter));
        }
    }

    static final class Side {
        final PageHinkley test = new PageHinkley();
        // Residuals of the runs that the references rest on. Slowed runs pull a mean up that a median does not see.
        double referenceResiduals;
        long referenceRuns;
        // Since the last step: by device the sum of residuals, of logarithmic changes, and the runs.
        final Map<Integer, double[]> devices = new LinkedHashMap<>();
        int runs;
    }

    final Map<RegionReservoir.StratumKey, Reference> references = new LinkedHashMap<>();
    final Side cpu = new Side();
    final Side accelerator = new Side();

    /** Takes what is known now for what is normal. */
    void settle(List<RegionRuns> regions) {
        references.clear();
        for (Side side : List.of(cpu, accelerator)) {
            side.test.up = 0;
            side.test.down = 0;
            side.referenceResiduals = 0;
            side.referenceRuns = 0;
            side.devices.clear();
            side.runs = 0;
        }
        extend(regions);
    }

    /** Takes regions in that were not known well enough before, and forgets those that nobody runs any more. */
    void extend(List<RegionRuns> regions) {
        Set<RegionReservoir.StratumKey> run = new HashSet<>();
        for (RegionRuns region : regions) {
            RegionReservoir.StratumKey key = new RegionReservoir.StratumKey(region.modelKey(), region.shape(), region.side());
            run.add(key);
            if (region.side() != CostSide.CPU_BY_CONTRAST && region.latenciesNanos().length >= MIN_REFERENCE_RUNS
                    && !references.containsKey(key)) {
                double[] logs = Arrays.stream(region.latenciesNanos()).mapToDouble(Math::log).toArray();
                double median = RelativeFit.median(logs.clone());
                double scatter = MAD_TO_SIGMA
                        * RelativeFit.median(Arrays.stream(logs).map(log -> Math.abs(log - median)).toArray());
                Reference reference = new Reference(median, Math.max(MIN_SCATTER, scatter));
                references.put(key, reference);
                Side side = side(region.side());
                side.referenceResiduals += Arrays.stream(logs).map(reference::residual).sum();
                side.referenceRuns += logs.length;
            }
        }
        references.keySet().retainAll(run);
    }

    /** A run of a device that is heard; says when it is the one too many. */
    Optional<Drift> add(CostSample sample, String modelKey, int device) {
        Reference reference = references.get(new RegionReservoir.StratumKey(modelKey, sample.shape(), sample.side()));
        if (reference == null) {
            return Optional.empty();
        }
        Side side = side(sample.side());
        double residual = reference.residual(Math.log(sample.latencyNanos())) - side.referenceResiduals / side.referenceRuns;
        double[] sums = side.devices.computeIfAbsent(device, d -> new double[3]);
        sums[0] += residual;
        // Clipped too, so that the ratio that is reported is that of many and not of one.
        sums[1] += residual * reference.scatter();
        sums[2]++;
        side.runs++;
        return side.runs < BATCH ? Optional.empty() : step(side, sample.side());
    }

    private Side side(CostSide side) {
        return side == CostSide.ACCELERATOR ? accelerator : cpu;
    }

    private static Optional<Drift> step(Side side, CostSide of) {
        List<Double> residuals = new ArrayList<>();
        List<Double> changes = new ArrayList<>();
        for (double[] sums : side.devices.values()) {
            residuals.add(sums[0] / sums[2]);
            changes.add(sums[1] / sums[2]);
        }
        side.devices.clear();
        side.runs = 0;
        boolean alarm = side.test.add(median(residuals));
        return alarm
                ? Optional.of(new Drift(of == CostSide.ACCELERATOR ? CostSide.ACCELERATOR : CostSide.CPU,
                        Math.exp(median(changes))))
                : Optional.empty();
    }

    private static double median(List<Double> values) {
        return RelativeFit.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
