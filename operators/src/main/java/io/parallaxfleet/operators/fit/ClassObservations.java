package io.parallaxfleet.operators.fit;

/** What is remembered of one device class between two fits. Not thread-safe. */
public final class ClassObservations {
    final RegionReservoir reservoir;
    final Workload workload;
    private long inferences;
    private long usableInferences;
    private boolean changed;

    public ClassObservations(long seed) {
        this(new RegionReservoir(seed), new Workload(), 0, 0, false);
    }

    ClassObservations(RegionReservoir reservoir, Workload workload, long inferences, long usableInferences, boolean changed) {
        this.reservoir = reservoir;
        this.workload = workload;
        this.inferences = inferences;
        this.usableInferences = usableInferences;
        this.changed = changed;
    }

    public void add(CostObservation observation) {
        workload.addInference(observation.planId());
        observation.samples().forEach(reservoir::add);
        inferences++;
        if (!observation.samples().isEmpty()) {
            usableInferences++;
        }
        changed = true;
    }

    public RegionReservoir reservoir() {
        return reservoir;
    }

    public Workload workload() {
        return workload;
    }

    /** Inferences whose plan is known. */
    public long inferences() {
        return inferences;
    }

    /** Those among them with at least one branch run that could be learnt from. */
    public long usableInferences() {
        return usableInferences;
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
