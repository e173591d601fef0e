package io.parallaxfleet.schemas.rollouts;

import io.parallaxfleet.schemas.avro.RolloutCommand;

/** Which commands are for the whole fleet. */
public final class FleetCommands {
    /** In the place of a device class; no class may be called so. */
    public static final String FLEET = "*";

    private FleetCommands() {}

    /** Whether every class answers it. */
    public static boolean isForFleet(RolloutCommand command) {
        return command.getDeviceClass().equals(FLEET);
    }

    /** Whether the action is one for all classes, and for all only. */
    public static boolean needsFleet(RolloutCommand command) {
        return switch (command.getAction()) {
            case FREEZE, UNFREEZE -> true;
            case UNKNOWN, PAUSE, RESUME, PROMOTE, ABORT, PIN, UNPIN, RELEASE -> false;
        };
    }
}
