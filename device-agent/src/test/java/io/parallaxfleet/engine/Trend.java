package io.parallaxfleet.engine;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * How a quantity grows, by the median slope over all pairs of samples (Theil and Sen): less than 29 % of them may be off by anything.
 *
 * @param at when each sample was taken, ascending
 * @param values what it was then
 */
record Trend(List<Double> at, List<Double> values) {
    Trend {
        at = List.copyOf(at);
        values = List.copyOf(values);
        if (at.size() != values.size() || at.size() < 2) {
            throw new IllegalArgumentException(at.size() + " times, " + values.size() + " values; a trend needs two samples");
        }
    }

    /** From the first sample to the last, as the slope has it. */
    double growth() {
        double[] slopes = IntStream.range(0, at.size()).boxed()
                .flatMapToDouble(from -> IntStream.range(from + 1, at.size())
                        .mapToDouble(to -> (values.get(to) - values.get(from)) / (at.get(to) - at.get(from))))
                .toArray();
        return median(slopes) * (at.get(at.size() - 1) - at.get(0));
    }

    private static double median(double[] numbers) {
        double[] sorted = Arrays.stream(numbers).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : DoubleStream.of(sorted[middle - 1], sorted[middle]).average().orElseThrow();
    }
}
