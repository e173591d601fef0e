package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.EpochLatency;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Latency of one model per policy epoch, kept longer than the series so that "before" outlives the chart. Holds the first
 * epoch seen and the newest ones. Not thread-safe.
 */
final class EpochTotals {
    private static final int EPOCHS = 8;
    private static final int WINDOWS_PER_EPOCH = 360;

    private record Window(long samples, double p50Nanos, Double energyMicrojoules) {}

    // Per epoch its windows by end time, the oldest dropped at the limit.
    private final TreeMap<Long, TreeMap<Long, Window>> epochs = new TreeMap<>();

    void put(Point point) {
        TreeMap<Long, Window> windows = epochs.computeIfAbsent(point.epoch(), epoch -> new TreeMap<>());
        windows.put(point.endMillis(), new Window(point.samples(), point.p50Nanos(), point.energyMicrojoules()));
        if (windows.size() > WINDOWS_PER_EPOCH) {
            windows.pollFirstEntry();
        }
        if (epochs.size() > EPOCHS) {
            // The first epoch is the baseline everything is compared with; the second is the oldest of the others.
            epochs.remove(epochs.higherKey(epochs.firstKey()));
        }
    }

    /** One summary per epoch, oldest first. */
    List<EpochLatency> summaries() {
        List<EpochLatency> summaries = new ArrayList<>(epochs.size());
        for (Map.Entry<Long, TreeMap<Long, Window>> epoch : epochs.entrySet()) {
            summaries.add(summarise(epoch.getKey(), new ArrayList<>(epoch.getValue().values())));
        }
        return summaries;
    }

    private static EpochLatency summarise(long epoch, List<Window> windows) {
        windows.sort(Comparator.comparingDouble(Window::p50Nanos));
        long samples = windows.stream().mapToLong(Window::samples).sum();
        double median = windows.get(0).p50Nanos();
        long below = 0;
        for (Window window : windows) {
            median = window.p50Nanos();
            below += window.samples();
            if (2 * below >= samples) {
                break;
            }
        }
        double energy = 0;
        long metered = 0;
        for (Window window : windows) {
            if (window.energyMicrojoules() != null) {
                energy += window.energyMicrojoules() * window.samples();
                metered += window.samples();
            }
        }
        return new EpochLatency(epoch, samples, windows.size(), median, metered == 0 ? null : energy / metered);
    }
}
