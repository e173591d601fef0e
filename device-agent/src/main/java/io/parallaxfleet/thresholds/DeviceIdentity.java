package io.parallaxfleet.thresholds;

/**
 * What a device calls itself towards the fleet.
 *
 * @param deviceId unique in the fleet
 * @param deviceClass devices of one class share thresholds
 * @param simulated whether the device is modelled; classes of simulated devices start with {@code sim-}, others never do
 */
public record DeviceIdentity(String deviceId, String deviceClass, boolean simulated) {
    /** How the classes of simulated devices start. */
    public static final String SIMULATED_PREFIX = "sim-";

    public DeviceIdentity {
        if (deviceId.isBlank() || deviceClass.isBlank()) {
            throw new IllegalArgumentException("device id '" + deviceId + "' and class '" + deviceClass + "' must not be blank");
        }
        if (simulated != deviceClass.startsWith(SIMULATED_PREFIX)) {
            throw new IllegalArgumentException("class '" + deviceClass + "' of a " + (simulated ? "simulated" : "real") + " device must "
                    + (simulated ? "" : "not ") + "start with '" + SIMULATED_PREFIX + "'");
        }
    }
}
