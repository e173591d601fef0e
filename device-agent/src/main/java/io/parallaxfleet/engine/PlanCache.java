package io.parallaxfleet.engine;

import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Plans by everything that decides them, so that a shape or policy that was in force before is planned by a look-up. The least
 * recently used gives way. Plans hold no native memory. Thread-safe.
 */
public final class PlanCache {
    private final LongSupplier nanoTime;
    private final Map<Key, EnginePlan> plans;
    private long made;
    private long found;
    private long planningNanos;

    private record Key(
            String modelHash, String shapeKey, OperatorSupport support, DelegationPolicy policy, SideBySide sideBySide, int threads,
            StorageSharing sharing) {}

    /** @param mostPlans how many are kept */
    public PlanCache(int mostPlans) {
        this(mostPlans, System::nanoTime);
    }

    /** @param nanoTime times the planning */
    PlanCache(int mostPlans, LongSupplier nanoTime) {
        if (mostPlans < 1) {
            throw new IllegalArgumentException("mostPlans is " + mostPlans + "; at least 1 is needed");
        }
        this.nanoTime = nanoTime;
        this.plans = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, EnginePlan> eldest) {
                return size() > mostPlans;
            }
        };
    }

    /** The plan, made by {@link EnginePlanner} where it is not at hand, marked with the epoch. */
    public synchronized EnginePlan plan(
            PreparedModel model, OperatorSupport support, DelegationPolicy policy, long epoch, SideBySide sideBySide, int threads,
            StorageSharing sharing) {
        long start = nanoTime.getAsLong();
        try {
            return planned(model, support, policy, epoch, sideBySide, threads, sharing);
        } finally {
            planningNanos += nanoTime.getAsLong() - start;
        }
    }

    private EnginePlan planned(
            PreparedModel model, OperatorSupport support, DelegationPolicy policy, long epoch, SideBySide sideBySide, int threads,
            StorageSharing sharing) {
        Key key = new Key(model.modelHash(), model.shapeKey(), support, policy, sideBySide, threads, sharing);
        EnginePlan known = plans.get(key);
        if (known != null) {
            found++;
            return known.withEpoch(epoch);
        }
        EnginePlan plan = EnginePlanner.plan(model, support, policy, epoch, sideBySide, threads, sharing);
        made++;
        plans.put(key, plan);
        return plan;
    }

    /** How often the planners worked. */
    public synchronized long made() {
        return made;
    }

    /** How often a plan was at hand. */
    public synchronized long found() {
        return found;
    }

    /** What planning and looking up have taken in all. */
    public synchronized long planningNanos() {
        return planningNanos;
    }
}
