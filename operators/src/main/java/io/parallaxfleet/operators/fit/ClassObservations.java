package io.parallaxfleet.operators.fit;

/** What is remembered of one device class between two fits. Not thread-safe. */
public final class ClassObservations {
    final RegionReservoir reservoir;
    final Workload workload;
    private boolean changed;

    public ClassObservations(long seed) {
        this(new RegionReservoir(seed), new Workload(), false);
    }

    ClassObservations(RegionReservoir reservoir, Workload workload, boolean changed) {
        this.reservoir = reservoir;
        this.workload = workload;
        this.changed = changed;
    }

    public void add(CostObservation observation) {
        workload.addInference(observation.planId());
        observation.samples().forEach(reservoir::add);
        changed = true;
    }

    public RegionReservoir reservoir() {
        return reservoir;
    }

    public Workload workload() {
        return workload;
    }

    /** Whether an inference came in since the last {@link #settle}. */
    public boolean changed() {
        return changed;
    }

    /** Says that everything so far has been fitted. */
    public void settle() {
        changed = false;
    }
}
