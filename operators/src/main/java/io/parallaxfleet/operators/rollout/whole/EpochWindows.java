package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The newest windows of one epoch and what each model took in them: samples and median, about a dozen bytes a model and window. The
 * epoch's sketches add everything up; a comparison of models within one and the same window needs the windows apart. Not thread-safe.
 */
public final class EpochWindows {
    /** Ten minutes at windows of ten seconds: what a machine did longer ago says little of what it does now. */
    public static final int MAX_WINDOWS = 60;
    static final int MAX_MODELS = 64;

    /** One model in one window. */
    public record Cell(long samples, double logMedianNanos) {
        public Cell {
            if (samples < 1 || !Double.isFinite(logMedianNanos)) {
                throw new IllegalArgumentException(samples + " samples with a log median of " + logMedianNanos);
            }
        }

        private Cell and(Cell other) {
            long all = samples + other.samples;
            return new Cell(all, (samples * logMedianNanos + other.samples * other.logMedianNanos) / all);
        }
    }

    private final TreeMap<Long, Map<String, Cell>> byEndMillis = new TreeMap<>();

    /** Adds a model's latencies in a window; without a sample it changes nothing. */
    public void add(long windowEndMillis, String model, LatencySketch latencies) {
        if (latencies.count() == 0 || !(latencies.quantile(0.5) > 0)) {
            return;
        }
        put(windowEndMillis, model, new Cell(latencies.count(), Math.log(latencies.quantile(0.5))));
    }

    /** Puts down what was saved. */
    public void put(long windowEndMillis, String model, Cell cell) {
        Map<String, Cell> window = byEndMillis.computeIfAbsent(windowEndMillis, end -> new HashMap<>());
        if (window.size() < MAX_MODELS || window.containsKey(model)) {
            window.merge(model, cell, Cell::and);
        }
        if (byEndMillis.size() > MAX_WINDOWS) {
            byEndMillis.pollFirstEntry();
        }
    }

    /** By their ends. */
    public SortedMap<Long, Map<String, Cell>> windows() {
        return byEndMillis;
    }

    Set<String> models() {
        Set<String> models = new HashSet<>();
        byEndMillis.values().forEach(window -> models.addAll(window.keySet()));
        return models;
    }

    long samples(String model) {
        return byEndMillis.values().stream().filter(window -> window.containsKey(model)).mapToLong(window -> window.get(model).samples())
                .sum();
    }

    /** Mean of the windows' log medians, weighted by their samples; NaN where there is none. */
    double logMean(String model) {
        double sum = 0;
        long samples = 0;
        for (Map<String, Cell> window : byEndMillis.values()) {
            Cell cell = window.get(model);
            if (cell != null) {
                sum += cell.samples() * cell.logMedianNanos();
                samples += cell.samples();
            }
        }
        return samples == 0 ? Double.NaN : sum / samples;
    }
}
