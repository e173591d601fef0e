package io.parallaxfleet.operators.fit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is remembered of one device class between two fits. Not thread-safe. */
public final class ClassObservations {
    /** Runs from which a median is taken for what it says. */
    static final int MIN_MEASURED_RUNS = 10;

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

    /** The candidate regions the class runs, each with what was measured of it by itself. */
    public List<WorkloadRegion> regions() {
        Map<RegionShape, MeasuredCost> cpu = new HashMap<>();
        Map<RegionShape, MeasuredCost> accelerator = new HashMap<>();
        for (RegionRuns runs : reservoir.regions()) {
            if (runs.latenciesNanos().length >= MIN_MEASURED_RUNS) {
                switch (runs.side()) {
                    // A CPU branch is never a candidate region: these are what the partitioner keeps for the accelerator.
                    case CPU, CPU_LEFT_OVER -> { }
                    case ACCELERATOR -> accelerator.put(runs.shape(), MeasuredCost.of(runs));
                    case CPU_BY_CONTRAST -> cpu.put(runs.shape(), MeasuredCost.of(runs));
                }
            }
        }
        return workload.regions().stream()
                .map(region -> new WorkloadRegion(region.shape(), region.perInference(), cpu.get(region.shape()),
                        accelerator.get(region.shape())))
                .toList();
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
