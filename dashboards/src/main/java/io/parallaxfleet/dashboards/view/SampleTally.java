package io.parallaxfleet.dashboards.view;

import io.parallaxfleet.dashboards.view.FleetSnapshot.Samples;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import java.util.Comparator;
import java.util.TreeMap;

/**
 * How many samples of a model were used and how many set aside, over the windows of the history. A window that is sent again
 * replaces itself. Not thread-safe.
 */
final class SampleTally {
    private record Slot(long endMillis, long epoch, boolean explored) {}

    private record Counts(long valid, long cold, long invalid) {}

    private final ViewLimits limits;
    private final TreeMap<Slot, Counts> windows = new TreeMap<>(Comparator.comparingLong(Slot::endMillis)
            .thenComparingLong(Slot::epoch)
            .thenComparing(Slot::explored));

    SampleTally(ViewLimits limits) {
        this.limits = limits;
    }

    void put(ClassAggregate window) {
        windows.put(new Slot(window.getWindowEnd().toEpochMilli(), window.getPolicyEpoch(), window.getExplored()),
                new Counts(window.getCount(), window.getColdCount(), window.getInvalidCount()));
        long oldest = windows.lastKey().endMillis() - limits.seriesAge().toMillis();
        // Two slots a window: the policy's own runs and those of exploration.
        while (windows.firstKey().endMillis() < oldest || windows.size() > 2 * limits.pointsPerSeries()) {
            windows.pollFirstEntry();
        }
    }

    Samples totals() {
        long policy = 0;
        long explored = 0;
        long cold = 0;
        long invalid = 0;
        for (var window : windows.entrySet()) {
            Counts counts = window.getValue();
            policy += window.getKey().explored() ? 0 : counts.valid();
            explored += window.getKey().explored() ? counts.valid() : 0;
            cold += counts.cold();
            invalid += counts.invalid();
        }
        return new Samples(policy, explored, cold, invalid);
    }
}
