package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The windows of one model on one class, at most {@link ViewLimits#pointsPerSeries} and none older than
 * {@link ViewLimits#seriesAge} before the newest. A window that is sent again replaces itself. Not thread-safe.
 */
final class LatencySeries {
    private record Slot(long endMillis, long epoch) {}

    private record Entry(Point point, long revision) {}

    private final ViewLimits limits;
    private final TreeMap<Slot, Entry> points =
            new TreeMap<>(Comparator.comparingLong(Slot::endMillis).thenComparingLong(Slot::epoch));

    LatencySeries(ViewLimits limits) {
        this.limits = limits;
    }

    void put(Point point, long revision) {
        points.put(new Slot(point.endMillis(), point.epoch()), new Entry(point, revision));
        long oldest = points.lastKey().endMillis() - limits.seriesAge().toMillis();
        while (points.firstKey().endMillis() < oldest || points.size() > limits.pointsPerSeries()) {
            points.pollFirstEntry();
        }
    }

    /** Points that came or changed after a revision, in time order. */
    List<Point> since(long revision) {
        List<Point> changed = new ArrayList<>();
        for (Entry entry : points.values()) {
            if (entry.revision() > revision) {
                changed.add(entry.point());
            }
        }
        return changed;
    }

    Optional<Point> newest() {
        return points.isEmpty() ? Optional.empty() : Optional.of(points.lastEntry().getValue().point());
    }
}
