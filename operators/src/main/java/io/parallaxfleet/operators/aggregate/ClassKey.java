package io.parallaxfleet.operators.aggregate;

import java.io.Serializable;
import java.util.Objects;

/**
 * A device class, with whether its devices are modelled: measured and simulated figures meet under no key.
 *
 * @param deviceClass as in DeviceProfile
 */
public record ClassKey(String deviceClass, boolean simulated) implements Serializable {
    public ClassKey {
        Objects.requireNonNull(deviceClass, "deviceClass");
    }

    /** Specified, unlike a record's own, because it decides which task owns the key and so must survive a restart. */
    @Override
    public int hashCode() {
        return 31 * deviceClass.hashCode() + Boolean.hashCode(simulated);
    }

    /** For people and log lines. */
    @Override
    public String toString() {
        return simulated ? deviceClass + " (simulated)" : deviceClass;
    }
}
