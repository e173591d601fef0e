package io.parallaxfleet.telemetry;

import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.schemas.avro.ThermalState;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The device's thermal state: the worst of all zones, each judged by its own trip points. At a critical or hot trip: CRITICAL; at
 * a passive one, where the kernel begins to throttle: SERIOUS; within {@value #FAIR_MARGIN_MILLIDEGREES} millidegrees below it:
 * FAIR. Zones without trip points say nothing.
 */
public final class ThermalZones {
    static final long FAIR_MARGIN_MILLIDEGREES = 10_000;
    /** Sensors that are off or broken read 0, negative or absurd values. */
    private static final long MAX_PLAUSIBLE_MILLIDEGREES = 150_000;

    private static final Map<ThermalState, Integer> SEVERITY = Map.of(ThermalState.UNKNOWN, 0, ThermalState.NOMINAL, 1,
            ThermalState.FAIR, 2, ThermalState.SERIOUS, 3, ThermalState.CRITICAL, 4);

    private final HostFiles host;

    public ThermalZones(HostFiles host) {
        this.host = host;
    }

    /** UNKNOWN where no zone has a temperature and a trip point. */
    public ThermalState state() {
        ThermalState worst = ThermalState.UNKNOWN;
        for (Path zone : host.entries("sys/class/thermal", "thermal_zone")) {
            ThermalState state = state(zone);
            if (SEVERITY.get(state) > SEVERITY.get(worst)) {
                worst = state;
            }
        }
        return worst;
    }

    private ThermalState state(Path zone) {
        OptionalLong temperature = host.number(zone.resolve("temp"));
        if (temperature.isEmpty() || temperature.getAsLong() <= 0 || temperature.getAsLong() > MAX_PLAUSIBLE_MILLIDEGREES) {
            return ThermalState.UNKNOWN;
        }
        long now = temperature.getAsLong();
        ThermalState worst = ThermalState.UNKNOWN;
        for (int trip = 0; ; trip++) {
            Optional<String> type = host.text(zone.resolve("trip_point_" + trip + "_type"));
            OptionalLong at = host.number(zone.resolve("trip_point_" + trip + "_temp"));
            if (type.isEmpty()) {
                return worst;
            }
            if (at.isEmpty() || at.getAsLong() <= 0) {
                continue;
            }
            ThermalState state = switch (type.get()) {
                case "critical", "hot" -> now >= at.getAsLong() ? ThermalState.CRITICAL : ThermalState.NOMINAL;
                case "passive" -> now >= at.getAsLong()
                        ? ThermalState.SERIOUS
                        : now >= at.getAsLong() - FAIR_MARGIN_MILLIDEGREES ? ThermalState.FAIR : ThermalState.NOMINAL;
                // Active trips switch a fan on; the clock stays.
                default -> ThermalState.UNKNOWN;
            };
            if (SEVERITY.get(state) > SEVERITY.get(worst)) {
                worst = state;
            }
        }
    }
}
