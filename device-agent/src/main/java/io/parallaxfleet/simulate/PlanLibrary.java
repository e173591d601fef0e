package io.parallaxfleet.simulate;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.SubRegions;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The plans of simulated devices, made by the real planner on the real graphs and shared: equal model and policy, equal plan.
 * Exploration draws from a small pool of regions of each model, so that thousands of devices do not each make plans of their own.
 * Thread-safe.
 */
final class PlanLibrary {
    /** Regions of a model that exploration may try. */
    static final int POOL = 12;
    private static final int MAX_PLANS = 2_000;

    private record Key(PreparedModel model, DelegationPolicy policy) {}

    private final OperatorSupport support;
    private final int threads;
    private final long seed;
    /** In the order of last use; the oldest gives way. Guarded by this. */
    private final Map<Key, EnginePlan> plans = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, EnginePlan> eldest) {
            return size() > MAX_PLANS;
        }
    };
    private final Map<PreparedModel, List<Region>> pools = new LinkedHashMap<>();

    /** @param support what the modelled accelerators can run */
    PlanLibrary(OperatorSupport support, int threads, long seed) {
        this.support = support;
        this.threads = threads;
        this.seed = seed;
    }

    /** The plan of a model under a policy, marked with an epoch. */
    synchronized EnginePlan plan(PreparedModel model, DelegationPolicy policy, long epoch) {
        EnginePlan plan = plans.computeIfAbsent(new Key(model, policy),
                key -> EnginePlanner.plan(model, support, policy, epoch, Execution.SPLIT, threads));
        if (plan.policyEpoch() == epoch) {
            return plan;
        }
        EnginePlan marked = plan.withEpoch(epoch);
        plans.put(new Key(model, policy), marked);
        return marked;
    }

    /** A region of the pool; empty where the accelerator can run nothing of the model. */
    synchronized Optional<Region> drawRegion(PreparedModel model, RandomGenerator random) {
        List<Region> pool = pools.computeIfAbsent(model, this::pool);
        return pool.isEmpty() ? Optional.empty() : Optional.of(pool.get(random.nextInt(pool.size())));
    }

    private List<Region> pool(PreparedModel model) {
        SplittableRandom random = new SplittableRandom(seed ^ model.name().hashCode());
        Set<Region> regions = new LinkedHashSet<>();
        // Small models have fewer distinct regions than the pool holds.
        for (int draw = 0; draw < 4 * POOL && regions.size() < POOL; draw++) {
            SubRegions.draw(model.graph(), support, random).ifPresent(regions::add);
        }
        return new ArrayList<>(regions);
    }
}
