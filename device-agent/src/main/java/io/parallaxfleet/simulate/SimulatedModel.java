package io.parallaxfleet.simulate;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.workload.WorkModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A model on one simulated device: real plans, modelled runs. */
final class SimulatedModel implements WorkModel {
    /** Plans whose number of runs is remembered; a plan that comes back after more others is cold again. */
    private static final int REMEMBERED_PLANS = 16;

    private final PreparedModel model;
    private final PlanLibrary library;
    private final SimulatedHost host;
    private final Map<String, Long> runsOfPlan = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED_PLANS;
        }
    };
    private volatile EnginePlan plan;

    SimulatedModel(PreparedModel model, PlanLibrary library, SimulatedHost host, PolicyInForce start) {
        this.model = model;
        this.library = library;
        this.host = host;
        this.plan = library.plan(model, start.policy(), start.epoch());
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public EnginePlan plan() {
        return plan;
    }

    @Override
    public EnginePlan adopt(DelegationPolicy policy, long epoch) {
        plan = library.plan(model, policy, epoch);
        return plan;
    }

    @Override
    public EnginePlan prepare(DelegationPolicy policy, long epoch) {
        return library.plan(model, policy, epoch);
    }

    @Override
    public void release(EnginePlan released) {
        // The library keeps plans for everybody.
    }

    @Override
    public EngineRun run() {
        return run(plan);
    }

    @Override
    public EngineRun run(EnginePlan chosen) {
        long before = runsOfPlan.merge(chosen.id(), 1L, Long::sum) - 1;
        return host.run(chosen, before);
    }

    @Override
    public Optional<Region> drawRegion(RandomGenerator random) {
        return library.drawRegion(model, random);
    }

    @Override
    public void close() {}
}
