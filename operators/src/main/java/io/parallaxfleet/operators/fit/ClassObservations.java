package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.CostModelEstimate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is remembered of one device class between two fits. Not thread-safe. */
public final class ClassObservations {
    /** Runs from which a median is taken for what it says. */
    static final int MIN_MEASURED_RUNS = 10;

    final RegionReservoir reservoir;
    final Workload workload;
    final DeviceRoster roster;
    final EnergyReservoirs energies;
    final DriftState drift;
    private long inferences;
    private long usableInferences;
    private boolean changed;
    private boolean fitted;

    public ClassObservations(long seed) {
        this(new RegionReservoir(seed), new Workload(), new DeviceRoster(seed), new EnergyReservoirs(seed), new DriftState(), 0, 0,
                false, false);
    }

    ClassObservations(RegionReservoir reservoir, Workload workload, DeviceRoster roster, EnergyReservoirs energies, DriftState drift,
            long inferences, long usableInferences, boolean changed, boolean fitted) {
        this.reservoir = reservoir;
        this.workload = workload;
        this.roster = roster;
        this.energies = energies;
        this.drift = drift;
        this.inferences = inferences;
        this.usableInferences = usableInferences;
        this.changed = changed;
        this.fitted = fitted;
    }

    /** Takes an inference in, if its device has a voice. */
    public DeviceRoster.Admission add(CostObservation observation) {
        changed = true;
        int device = roster.number(observation.deviceId());
        DeviceRoster.Admission admission = roster.admit(device, fitted);
        if (admission == DeviceRoster.Admission.HEARD) {
            workload.addInference(observation.planId());
            observation.samples().forEach(sample -> reservoir.add(sample, observation.modelKey(), device));
            energies.add(observation, device);
            drift.observe(observation, device, reservoir);
            inferences++;
            if (!observation.samples().isEmpty()) {
                usableInferences++;
            }
        }
        return admission;
    }

    /** Inferences that were only counted. Nobody vouches for their devices, so they do not say how often which plan runs. */
    public void addUnobserved(long unobserved) {
        inferences += unobserved;
        changed |= unobserved > 0;
    }

    public RegionReservoir reservoir() {
        return reservoir;
    }

    public Workload workload() {
        return workload;
    }

    /** Energies by source. */
    public EnergyReservoirs energies() {
        return energies;
    }

    /** The candidate regions the class runs, each with what was measured of it by itself. */
    public List<WorkloadRegion> regions() {
        return regions(reservoir.regions(), Map.of());
    }

    /** The candidate regions the class runs, each with what was measured of it and of its model. */
    public List<WorkloadRegion> regions(CostModel costs) {
        return regions(reservoir.regions(), ModelDeviation.of(reservoir.regions(), costs));
    }

    /** The same in the same order, of energy in joules. */
    public List<WorkloadRegion> regions(RegionReservoir energy, CostModel costs) {
        return regions(energy.regions(), ModelDeviation.of(energy.regions(), costs));
    }

    private record Place(String modelKey, RegionShape shape) {}

    private List<WorkloadRegion> regions(List<RegionRuns> measured, Map<String, ModelDeviation> deviations) {
        Map<Place, MeasuredCost> cpu = new HashMap<>();
        Map<Place, MeasuredCost> accelerator = new HashMap<>();
        for (RegionRuns runs : measured) {
            if (runs.latenciesNanos().length >= MIN_MEASURED_RUNS) {
                Place place = new Place(runs.modelKey(), runs.shape());
                switch (runs.side()) {
                    // A CPU branch is never a candidate region: these are what the partitioner keeps for the accelerator.
                    case CPU, CPU_LEFT_OVER -> { }
                    case ACCELERATOR -> accelerator.put(place, MeasuredCost.of(runs));
                    case CPU_BY_CONTRAST -> cpu.put(place, MeasuredCost.of(runs));
                }
            }
        }
        Map<String, Long> inferencesByModel = workload.inferencesByModel();
        return workload.regions().stream()
                .map(region -> {
                    Place place = new Place(region.model().key(), region.shape());
                    return new WorkloadRegion(region.model(), region.shape(), region.perInference(),
                            deviations.getOrDefault(region.model().key(), ModelDeviation.NONE)
                                    .among(inferencesByModel.getOrDefault(region.model().key(), 0L)), cpu.get(place),
                            accelerator.get(place));
                })
                .toList();
    }

    /** Inferences of devices that were heard, and those that were only counted. */
    public long inferences() {
        return inferences;
    }

    /** Those among them with at least one branch run that could be learnt from. */
    public long usableInferences() {
        return usableInferences;
    }

    /** Whether a class's first cost model was found, which newcomers may not overturn by their number. */
    boolean fitted() {
        return fitted;
    }

    /** Whether an inference came in since the last {@link #settle}. */
    public boolean changed() {
        return changed;
    }

    /** Says that everything so far has been fitted: silences whom the fit found lying, and forgets whom nobody has heard of. */
    public void settle(FitResult result) {
        changed = false;
        if (result instanceof FitResult.Fitted found) {
            fitted = true;
            found.liars().forEach(device -> {
                roster.quarantine(device);
                forget(device);
            });
        }
        if (fitted) {
            drift.settle(reservoir);
        }
        roster.settle();
        // A class of few devices may be silent as a whole; what it once measured is still the best there is.
        int[] silent = roster.retire();
        if (!roster.members.isEmpty()) {
            for (int device : silent) {
                forget(device);
            }
        }
    }

    private void forget(int device) {
        reservoir.forget(device);
        energies.forget(device);
    }

    /** Drift that was noticed since the last {@link #settle}. */
    public Optional<Drift> drift() {
        return Optional.ofNullable(drift.raised);
    }

    /** The estimate of a fit to what is known now, with intervals widened while the class has drifted. */
    public CostModelEstimate widened(CostModelEstimate estimate) {
        return drift.widened(estimate);
    }

    /** Devices that are not heard because a fit found them lying. */
    public int quarantined() {
        return roster.quarantined.size();
    }
}
