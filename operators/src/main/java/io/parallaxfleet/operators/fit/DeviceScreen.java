package io.parallaxfleet.operators.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds devices whose times have nothing to do with what the class measures: the median over a device's runs of measured over
 * expected time is beyond a factor of {@value #FACTOR} either way. Expected is what the other devices of the same region took, where
 * at least two others ran it, and what a start that half of the data cannot mislead predicts elsewhere. A device that is slow by a
 * smaller factor is a device of the class; Huber's weights see to it. Where half of the devices or more would be liars nobody can say
 * who lies, and nobody is accused. Thread-safe.
 */
final class DeviceScreen {
    static final double FACTOR = 5;
    private static final int MIN_RUNS = 3;
    private static final int MIN_DEVICES = 3;

    private DeviceScreen() {}

    /** Numbers of the devices whose runs are not to be believed. */
    static Set<Integer> liars(List<RegionRuns> runs, Expectation expectation) {
        Map<Integer, List<Double>> ratios = new HashMap<>();
        for (RegionRuns region : runs) {
            if (region.side() == CostSide.CPU_BY_CONTRAST) {
                continue;
            }
            Map<Integer, List<Double>> byDevice = new HashMap<>();
            for (int i = 0; i < region.devices().length; i++) {
                byDevice.computeIfAbsent(region.devices()[i], device -> new ArrayList<>())
                        .add(Math.log(region.latenciesNanos()[i] * 1e-9));
            }
            Map<Integer, Double> medians = new HashMap<>();
            byDevice.forEach((device, logs) -> medians.put(device, median(logs)));
            double expected = medians.size() >= MIN_DEVICES ? median(medians.values().stream().toList())
                    : Math.log(expectation.seconds(region));
            if (Double.isFinite(expected)) {
                byDevice.forEach((device, logs) -> logs.forEach(
                        log -> ratios.computeIfAbsent(device, d -> new ArrayList<>()).add(log - expected)));
            }
        }
        Set<Integer> liars = new TreeSet<>();
        ratios.forEach((device, logs) -> {
            if (logs.size() >= MIN_RUNS && Math.abs(median(logs)) > Math.log(FACTOR)) {
                liars.add(device);
            }
        });
        return ratios.size() >= MIN_DEVICES && 2 * liars.size() < ratios.size() ? liars : Set.of();
    }

    /** What a region takes by what is known without trusting any one device. */
    interface Expectation {
        /** In seconds; NaN where it cannot say. */
        double seconds(RegionRuns region);
    }

    /** The runs without those of some devices. */
    static List<RegionRuns> without(List<RegionRuns> runs, Set<Integer> devices) {
        if (devices.isEmpty()) {
            return runs;
        }
        List<RegionRuns> left = new ArrayList<>(runs.size());
        for (RegionRuns region : runs) {
            long[] latencies = new long[region.latenciesNanos().length];
            int[] kept = new int[latencies.length];
            int count = 0;
            for (int i = 0; i < latencies.length; i++) {
                if (!devices.contains(region.devices()[i])) {
                    latencies[count] = region.latenciesNanos()[i];
                    kept[count++] = region.devices()[i];
                }
            }
            if (count > 0) {
                left.add(new RegionRuns(region.modelKey(), region.shape(), region.side(), Arrays.copyOf(latencies, count),
                        Arrays.copyOf(kept, count)));
            }
        }
        return left;
    }

    private static double median(List<Double> values) {
        return RelativeFit.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
