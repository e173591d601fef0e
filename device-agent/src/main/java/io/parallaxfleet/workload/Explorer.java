package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.uplink.AgentEvents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Now and then runs a plan that the policy in force would not, because a cost model can only be fitted to what was tried: a random
 * region on the accelerator, or nothing on it where the policy delegates. A few prepared plans of each model are kept and run again;
 * the least recently used one gives way.
 *
 * <p>The probability it reports is that of the kind of plan (policy's own, region, none), not of the single region: regions are drawn
 * from a space nobody enumerates. Not thread-safe.
 */
public final class Explorer {
    /** Prepared plans hold sessions and device buffers: few, but enough that each gets past its warm-up. */
    static final int PLANS_PER_MODEL = 3;
    /** Share of explorations without any delegation, where the policy delegates. */
    static final double NEVER_SHARE = 0.25;
    /** Share of region explorations that run a kept plan again. */
    static final double REPEAT_SHARE = 0.3;

    private final double probability;
    private final RandomGenerator random;
    private final PlanBook book;
    private final AgentEvents events;
    private final Set<WorkModel> nothingToExplore = new HashSet<>();
    private final Map<WorkModel, LinkedHashMap<DelegationPolicy, EnginePlan>> prepared = new HashMap<>();

    /** @param probability share of bursts that explore, in [0, 1) */
    public Explorer(double probability, RandomGenerator random, PlanBook book, AgentEvents events) {
        if (!(probability >= 0 && probability < 1)) {
            throw new IllegalArgumentException("the exploration probability is " + probability + "; it must be in [0, 1)");
        }
        this.probability = probability;
        this.random = random;
        this.book = book;
        this.events = events;
    }

    /** The plan of the model's next burst; a plan to explore is built here. */
    public PlanChoice choose(WorkModel model, long epoch) {
        if (nothingToExplore.contains(model)) {
            return new PlanChoice(Optional.empty(), 1);
        }
        if (random.nextDouble() >= probability) {
            return new PlanChoice(Optional.empty(), 1 - probability);
        }
        boolean delegates = PlanProfiles.delegatedRegions(model.plan()) > 0;
        double neverShare = delegates ? NEVER_SHARE : 0;
        if (random.nextDouble() < neverShare) {
            return explore(model, new DelegationPolicy.Never(), epoch, probability * neverShare);
        }
        return region(model, epoch, probability * (1 - neverShare));
    }

    private PlanChoice region(WorkModel model, long epoch, double regionProbability) {
        List<DelegationPolicy> kept = new ArrayList<>(
                prepared.getOrDefault(model, new LinkedHashMap<>()).keySet().stream()
                        .filter(DelegationPolicy.Exactly.class::isInstance).toList());
        if (kept.size() > 1 && random.nextDouble() < REPEAT_SHARE) {
            return explore(model, kept.get(random.nextInt(kept.size())), epoch, regionProbability);
        }
        Optional<Set<Integer>> nodes = model.drawRegion(random);
        if (nodes.isEmpty()) {
            nothingToExplore.add(model);
            return new PlanChoice(Optional.empty(), 1);
        }
        return explore(model, new DelegationPolicy.Exactly(nodes.get()), epoch, regionProbability);
    }

    private PlanChoice explore(WorkModel model, DelegationPolicy policy, long epoch, double kindProbability) {
        LinkedHashMap<DelegationPolicy, EnginePlan> plans = prepared.computeIfAbsent(model, key -> new LinkedHashMap<>());
        EnginePlan plan = plans.remove(policy);
        if (plan == null) {
            try {
                plan = model.prepare(policy, epoch);
            } catch (RuntimeException e) {
                // An engine or a driver that cannot build one explored plan must not stop the device's real work.
                events.warn(model.name() + ": " + policy.describe() + " cannot be built (" + e.getMessage() + "); not explored");
                return new PlanChoice(Optional.empty(), 1 - probability);
            }
        }
        plans.put(policy, plan);
        if (plans.size() > PLANS_PER_MODEL) {
            Map.Entry<DelegationPolicy, EnginePlan> oldest = plans.entrySet().iterator().next();
            plans.remove(oldest.getKey());
            model.release(oldest.getValue());
        }
        book.publish(plan, true);
        return new PlanChoice(Optional.of(plan), kindProbability);
    }
}
