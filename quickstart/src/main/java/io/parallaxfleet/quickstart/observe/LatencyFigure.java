package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What the windows of one (class, model, policy epoch) say together.
 *
 * @param p50Nanos the sample-weighted median of the windows' medians: exact where one window holds most samples, robust to a
 *     disturbed window otherwise
 * @param samples warm, valid inferences behind it
 * @param windows windows behind it
 * @param energyMicrojoules sample-weighted mean per inference; empty where no meter was available
 * @param memoryOverhead sample-weighted mean over the one-session baseline, less 1; empty where no baseline is known
 */
public record LatencyFigure(double p50Nanos, long samples, int windows, OptionalDouble energyMicrojoules,
        OptionalDouble memoryOverhead) {

    /** @param windows at least one, each with samples */
    static LatencyFigure of(Collection<ClassAggregate> windows) {
        List<ClassAggregate> byLatency =
                windows.stream().sorted(Comparator.comparingDouble(ClassAggregate::getLatencyP50Nanos)).toList();
        long samples = byLatency.stream().mapToLong(ClassAggregate::getCount).sum();
        if (samples == 0) {
            throw new IllegalArgumentException("no samples in " + windows.size() + " windows");
        }
        long seen = 0;
        double median = 0;
        for (ClassAggregate window : byLatency) {
            seen += window.getCount();
            median = window.getLatencyP50Nanos();
            if (2 * seen >= samples) {
                break;
            }
        }
        return new LatencyFigure(median, samples, windows.size(),
                mean(windows, ClassAggregate::getEnergyMicrojoulesMean), mean(windows, ClassAggregate::getMemoryOverhead));
    }

    private interface Measure {
        Double of(ClassAggregate window);
    }

    private static OptionalDouble mean(Collection<ClassAggregate> windows, Measure measure) {
        double weighted = 0;
        long samples = 0;
        for (ClassAggregate window : windows) {
            Double value = measure.of(window);
            if (value != null) {
                weighted += value * window.getCount();
                samples += window.getCount();
            }
        }
        return samples == 0 ? OptionalDouble.empty() : OptionalDouble.of(weighted / samples);
    }
}
