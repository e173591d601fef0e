package io.parallaxfleet.operators.ingest;

import io.parallaxfleet.operators.aggregate.Accumulator;
import io.parallaxfleet.operators.aggregate.AggregateKey;
import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.KeyedAccumulator;
import io.parallaxfleet.operators.decode.InferenceReader;
import io.parallaxfleet.schemas.avro.PlanProfile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums by key and window that have not been handed on. What is shuffled then is one sum a key and window for each operator instead
 * of one sample a branch. Nothing here is state: whoever holds it drains it before each checkpoint. Not thread-safe.
 */
final class PreAggregates {
    /** What every record of a kind repeats; names are interned, so hashing them is reading a field. */
    private record Kind(String deviceClass, boolean simulated, String model, String planId, long policyEpoch, boolean explored) {
        // By hand, because it is asked for each record and a record's own goes through a chain of method handles.
        @Override
        public int hashCode() {
            return 31 * (31 * planId.hashCode() + model.hashCode()) + (int) policyEpoch + (explored ? 1 : 0);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Kind that && planId.equals(that.planId) && model.equals(that.model)
                    && deviceClass.equals(that.deviceClass) && simulated == that.simulated && policyEpoch == that.policyEpoch
                    && explored == that.explored;
        }
    }

    /** The inferences of one kind in one window. */
    static final class Group {
        final AggregateKey wholeKey;
        final Accumulator whole;
        final ClassCosts costs;
        /** Null until the plan has come. */
        PlanAggregates branches;

        Group(AggregateKey wholeKey, Accumulator whole, ClassCosts costs) {
            this.wholeKey = wholeKey;
            this.whole = whole;
            this.costs = costs;
        }
    }

    private static final class Window {
        final Map<Kind, Group> groups = new LinkedHashMap<>();
        final Map<AggregateKey, Accumulator> wholes = new LinkedHashMap<>();
        final Map<ClassKey, ClassCosts> costs = new LinkedHashMap<>();
    }

    private final long windowMillis;
    // By start.
    private final TreeMap<Long, Window> windows = new TreeMap<>();
    // The one asked for last: the next record's nearly always. Null once it is gone.
    private Window lastUsed;
    private long lastUsedStart;
    private int accumulators;

    PreAggregates(long windowMillis) {
        this.windowMillis = windowMillis;
    }

    long windowStart(long eventTimeMillis) {
        return eventTimeMillis - Math.floorMod(eventTimeMillis, windowMillis);
    }

    /** The last instant of the window. */
    long windowLast(long windowStart) {
        return windowStart + windowMillis - 1;
    }

    Group group(InferenceReader inference, long windowStart) {
        Window window = window(windowStart);
        Kind kind = new Kind(inference.deviceClass(), inference.simulated(), inference.model(), inference.planId(),
                inference.policyEpoch(), inference.explored());
        Group group = window.groups.get(kind);
        if (group == null) {
            ClassKey classKey = new ClassKey(kind.deviceClass(), kind.simulated());
            AggregateKey key = new AggregateKey(classKey, kind.model(), null, null, null, kind.policyEpoch(), kind.explored());
            accumulators++;
            group = new Group(key, window.wholes.computeIfAbsent(key, whole -> new Accumulator()),
                    window.costs.computeIfAbsent(classKey, ClassCosts::new));
            window.groups.put(kind, group);
        }
        return group;
    }

    private Window window(long start) {
        if (lastUsed == null || start != lastUsedStart) {
            lastUsed = windows.computeIfAbsent(start, key -> new Window());
            lastUsedStart = start;
        }
        return lastUsed;
    }

    PlanAggregates open(Group group, PlanProfile plan) {
        group.branches = new PlanAggregates(plan);
        accumulators += group.branches.branches();
        return group.branches;
    }

    /** Sums held, about half a KiB each. */
    int size() {
        return accumulators;
    }

    /** Gives away every window that ends no later than the watermark. */
    void drainUntil(long watermark, Ingest.Output out) {
        while (!windows.isEmpty() && windowLast(windows.firstKey()) <= watermark) {
            Map.Entry<Long, Window> closed = windows.pollFirstEntry();
            lastUsed = null;
            closed.getValue().groups.values().forEach(group -> accumulators -= held(group));
            drain(closed.getKey(), closed.getValue(), out);
        }
    }

    /** Gives everything away. */
    void drainAll(Ingest.Output out) {
        windows.forEach((start, window) -> {
            drain(start, window, out);
            // The windows stay for the limits of what is observed in them.
            window.groups.clear();
            window.wholes.clear();
        });
        accumulators = 0;
    }

    void drainCosts(Ingest.Output out) {
        windows.values().forEach(window -> drainCosts(window, out));
    }

    private static int held(Group group) {
        return 1 + (group.branches == null ? 0 : group.branches.branches());
    }

    private void drain(long start, Window window, Ingest.Output out) {
        drainCosts(window, out);
        long last = windowLast(start);
        window.wholes.forEach((key, whole) -> out.aggregate(new KeyedAccumulator(key, whole), last));
        for (Group group : window.groups.values()) {
            if (group.branches != null) {
                group.branches.drain(group.wholeKey, sum -> out.aggregate(sum, last));
            }
        }
    }

    private static void drainCosts(Window window, Ingest.Output out) {
        for (ClassCosts costs : window.costs.values()) {
            costs.drain().ifPresent(batch -> out.costs(batch, costs.latestMillis()));
        }
    }
}
