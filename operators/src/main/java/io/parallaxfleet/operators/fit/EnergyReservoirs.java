package io.parallaxfleet.operators.fit;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Energies of a class's branch runs, kept apart by the meter or model they are of: joules of a package counter and joules of a
 * processor-time model are not the same joules. At most {@value #MAX_SOURCES} sources are kept, the first ones seen. Nothing is
 * kept of runs whose energy is unavailable. Not thread-safe.
 */
public final class EnergyReservoirs {
    static final int MAX_SOURCES = 4;

    static final class Source {
        final RegionReservoir reservoir;
        long inferences;

        Source(RegionReservoir reservoir, long inferences) {
            this.reservoir = reservoir;
            this.inferences = inferences;
        }
    }

    private final long seed;
    final Map<String, Source> bySource = new LinkedHashMap<>();

    EnergyReservoirs(long seed) {
        this.seed = seed;
    }

    void add(CostObservation observation, int device) {
        if (observation.energies().isEmpty()) {
            return;
        }
        Source source = bySource.get(observation.energySource());
        if (source == null) {
            if (bySource.size() >= MAX_SOURCES) {
                return;
            }
            source = new Source(new RegionReservoir(seed), 0);
            bySource.put(observation.energySource(), source);
        }
        source.inferences++;
        for (CostSample sample : observation.energies()) {
            source.reservoir.add(sample, observation.modelKey(), device);
        }
    }

    /** The source that most inferences have; empty where energy is unavailable. */
    public Optional<String> mainSource() {
        return bySource.entrySet().stream().max(Comparator.comparingLong(entry -> entry.getValue().inferences)).map(Map.Entry::getKey);
    }

    /** Nanojoules in the place of nanoseconds. */
    public RegionReservoir of(String source) {
        return bySource.get(source).reservoir;
    }

    void forget(int device) {
        bySource.values().forEach(source -> source.reservoir.forget(device));
    }
}
