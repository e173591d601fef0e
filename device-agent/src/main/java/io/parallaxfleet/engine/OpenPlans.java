package io.parallaxfleet.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The plans of an engine whose sessions are open, and who holds each: the one in force, those that were prepared. A plan that nobody
 * holds any more is closed at the next run, since its last outputs may still be read. Not thread-safe: the engine calls it with its run
 * lock held.
 */
final class OpenPlans implements AutoCloseable {
    private final Map<String, LoadedPlan> open = new HashMap<>();
    /** How often each plan was prepared and not given back. */
    private final Map<String, Integer> prepared = new HashMap<>();
    private final List<LoadedPlan> retired = new ArrayList<>();
    private Optional<String> inForce = Optional.empty();

    boolean isOpen(EnginePlan plan) {
        return open.containsKey(plan.id());
    }

    void add(EnginePlan plan, LoadedPlan opened) {
        open.put(plan.id(), opened);
    }

    /** @throws IllegalStateException when it is not open */
    LoadedPlan require(EnginePlan plan) {
        LoadedPlan loaded = open.get(plan.id());
        if (loaded == null) {
            throw new IllegalStateException("plan " + plan.id() + " of model '" + plan.model() + "' is not open");
        }
        return loaded;
    }

    /** The one before is nobody's then, unless it was prepared. */
    void putInForce(EnginePlan plan) {
        Optional<String> before = inForce;
        inForce = Optional.of(plan.id());
        before.ifPresent(this::retireIfUnheld);
    }

    /** Matched by one {@link #release}. */
    void hold(EnginePlan plan) {
        prepared.merge(plan.id(), 1, Integer::sum);
    }

    void release(EnginePlan plan) {
        prepared.computeIfPresent(plan.id(), (id, holders) -> holders > 1 ? holders - 1 : null);
        retireIfUnheld(plan.id());
    }

    private void retireIfUnheld(String id) {
        if (!prepared.containsKey(id) && !inForce.equals(Optional.of(id))) {
            LoadedPlan plan = open.remove(id);
            if (plan != null) {
                retired.add(plan);
            }
        }
    }

    void closeRetired() {
        if (!retired.isEmpty()) {
            retired.forEach(LoadedPlan::close);
            retired.clear();
        }
    }

    @Override
    public void close() {
        closeRetired();
        open.values().forEach(LoadedPlan::close);
        open.clear();
        prepared.clear();
    }
}
