package io.parallaxfleet.workload;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.telemetry.DeviceState;
import java.util.Locale;

/** Whether a device can afford to try something now: exploration costs somebody's time, energy and memory. */
public sealed interface ExplorationLeave {
    /** At and below this charge a device that is not charging tries nothing. */
    int LOW_BATTERY_PERCENT = 20;
    /** Memory that an explored plan must leave to the rest of the device: a prepared plan holds sessions beside its arena. */
    long RESERVE_BYTES = 256L << 20;
    /** The plan in force and the explored one are held at once. */
    int PLANS_HELD = 2;

    record Granted() implements ExplorationLeave {}

    /** @param why for people */
    record Withheld(String why) implements ExplorationLeave {}

    /**
     * Judges the device as it is before a burst. What a device does not know (no thermal zone, no battery, free memory unknown)
     * withholds nothing; a battery that does not say whether it is being charged is taken not to be.
     *
     * @param inForce the plan that would run otherwise
     */
    static ExplorationLeave of(DeviceState state, EnginePlan inForce) {
        if (state.thermal() == ThermalState.SERIOUS || state.thermal() == ThermalState.CRITICAL) {
            return new Withheld("thermal state " + state.thermal());
        }
        if (state.batteryPercent().isPresent() && state.batteryPercent().getAsInt() <= LOW_BATTERY_PERCENT
                && !state.charging().orElse(false)) {
            return new Withheld("the battery is at " + state.batteryPercent().getAsInt() + " %");
        }
        long needed = RESERVE_BYTES + PLANS_HELD * Math.max(inForce.arenaBytes(), inForce.oneSessionArenaBytes());
        if (state.freeMemoryBytes() > 0 && state.freeMemoryBytes() < needed) {
            return new Withheld(String.format(Locale.ROOT, "%d MiB are free, %d MiB are needed", state.freeMemoryBytes() >> 20,
                    needed >> 20));
        }
        return new Granted();
    }
}
