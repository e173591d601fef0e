package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.uplink.AgentEvents;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Now and then runs a plan that the policy in force would not, because a cost model can only be fitted to what was tried: a random
 * region on the accelerator, or nothing on it where the policy delegates. Half of the regions are drawn near the boundary of the
 * policy, where a wrong verdict costs least and says most about the thresholds; the rest anywhere, because a boundary that is far
 * off is only found from there. A few prepared plans of each model are kept and run again; the least recently used one gives way.
 * A device that is hot, low on battery or short of memory tries nothing ({@link ExplorationLeave}).
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
    /** Share of new regions that are the nearest to the boundary of {@link #NEAR_DRAWS}. */
    static final double NEAR_SHARE = 0.5;
    static final int NEAR_DRAWS = 4;

    private final DoubleSupplier share;
    private final RandomGenerator random;
    private final PlanBook book;
    private final AgentEvents events;
    private final Supplier<DeviceState> state;
    private final Set<WorkModel> nothingToExplore = new HashSet<>();
    private final Map<WorkModel, LinkedHashMap<DelegationPolicy, EnginePlan>> prepared = new HashMap<>();

    /**
     * @param share of bursts that explore now, in [0, 1); asked once a burst
     * @param state how the device is now
     */
    public Explorer(DoubleSupplier share, RandomGenerator random, PlanBook book, AgentEvents events, Supplier<DeviceState> state) {
        this.share = share;
        this.random = random;
        this.book = book;
        this.events = events;
        this.state = state;
    }

    /** The plan of the model's next burst; a plan to explore is built here. */
    public PlanChoice choose(WorkModel model, long epoch) {
        // Both looked at before the draw, and once: the probability that is reported has to be the one that applied.
        double probability = share.getAsDouble();
        if (probability == 0 || nothingToExplore.contains(model)
                || ExplorationLeave.of(state.get(), model.plan()) instanceof ExplorationLeave.Withheld) {
            return new PlanChoice(Optional.empty(), 1);
        }
        if (random.nextDouble() >= probability) {
            return new PlanChoice(Optional.empty(), 1 - probability);
        }
        boolean delegates = PlanProfiles.delegatedRegions(model.plan()) > 0;
        double neverShare = delegates ? NEVER_SHARE : 0;
        if (random.nextDouble() < neverShare) {
            return explore(model, new DelegationPolicy.Never(), epoch, probability, neverShare);
        }
        return region(model, epoch, probability, 1 - neverShare);
    }

    private PlanChoice region(WorkModel model, long epoch, double probability, double regionShare) {
        List<DelegationPolicy> kept = new ArrayList<>(
                prepared.getOrDefault(model, new LinkedHashMap<>()).keySet().stream()
                        .filter(DelegationPolicy.Exactly.class::isInstance).toList());
        if (kept.size() > 1 && random.nextDouble() < REPEAT_SHARE) {
            return explore(model, kept.get(random.nextInt(kept.size())), epoch, probability, regionShare);
        }
        Optional<Region> region = draw(model);
        if (region.isEmpty()) {
            nothingToExplore.add(model);
            return new PlanChoice(Optional.empty(), 1);
        }
        return explore(model, new DelegationPolicy.Exactly(Set.copyOf(region.get().nodes())), epoch, probability, regionShare);
    }

    private Optional<Region> draw(WorkModel model) {
        if (random.nextDouble() >= NEAR_SHARE) {
            return model.drawRegion(random);
        }
        DelegationPolicy policy = model.plan().branches().partition().policy();
        return IntStream.range(0, NEAR_DRAWS)
                .mapToObj(draw -> model.drawRegion(random))
                .flatMap(Optional::stream)
                .min(Comparator.comparingDouble(region -> policy.judge(region).boundaryDistance()));
    }

    /** @param kindShare share of explorations that are of the policy's kind */
    private PlanChoice explore(WorkModel model, DelegationPolicy policy, long epoch, double probability, double kindShare) {
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
        return new PlanChoice(Optional.of(plan), probability * kindShare);
    }
}
