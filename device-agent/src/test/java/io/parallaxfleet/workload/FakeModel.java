package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.telemetry.Plans;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A model with real plans whose runs cost what {@link Plans#run} says. */
public final class FakeModel implements WorkModel {
    private final String name;
    private final Map<EnginePlan, Long> runs = new HashMap<>();
    private EnginePlan plan;
    /** Plans that were prepared and not yet released. */
    public final List<EnginePlan> held = new ArrayList<>();
    /** Pieces that the accelerator can run; none: nothing. */
    public List<Set<Integer>> regions = List.of(Set.of(0), Set.of(1), Set.of(3), Set.of(4), Set.of(5), Set.of(6), Set.of(7));
    /** What the next run throws. */
    public RuntimeException failure;
    /** What every re-planning throws. */
    public RuntimeException planningFailure;

    public FakeModel(String name, DelegationPolicy policy) {
        this.name = name;
        this.plan = Plans.plan(name, policy, 0);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public EnginePlan plan() {
        return plan;
    }

    @Override
    public EnginePlan adopt(DelegationPolicy policy, long epoch) {
        if (planningFailure != null) {
            throw planningFailure;
        }
        plan = Plans.plan(name, policy, epoch);
        return plan;
    }

    @Override
    public EnginePlan prepare(DelegationPolicy policy, long epoch) {
        if (planningFailure != null) {
            throw planningFailure;
        }
        EnginePlan prepared = Plans.plan(name, policy, epoch);
        held.add(prepared);
        return prepared;
    }

    @Override
    public void release(EnginePlan released) {
        if (!held.remove(released)) {
            throw new AssertionError("released a plan that is not held");
        }
    }

    @Override
    public EngineRun run() {
        return run(plan);
    }

    @Override
    public EngineRun run(EnginePlan chosen) {
        if (failure != null) {
            throw failure;
        }
        return Plans.run(chosen, runs.merge(chosen, 1L, Long::sum) - 1);
    }

    @Override
    public Optional<Region> drawRegion(RandomGenerator random) {
        if (regions.isEmpty()) {
            return Optional.empty();
        }
        DelegationPolicy drawn = new DelegationPolicy.Exactly(regions.get(random.nextInt(regions.size())));
        return Optional.of(Plans.plan(name, drawn, 0).branches().partition().delegated().get(0));
    }

    @Override
    public void close() {}
}
