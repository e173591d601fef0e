package io.parallaxfleet.energy;

import io.parallaxfleet.host.HostFiles;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The first battery under /sys/class/power_supply. Thread-safe. */
public final class BatteryGauge {
    private final HostFiles host;
    private final Path directory;

    private BatteryGauge(HostFiles host, Path directory) {
        this.host = host;
        this.directory = directory;
    }

    /** Empty on a host without a battery. Batteries of peripherals (scope Device) do not count. */
    public static Optional<BatteryGauge> find(HostFiles host) {
        return host.entries("sys/class/power_supply", "").stream()
                .filter(supply -> host.text(supply.resolve("type")).filter("Battery"::equals).isPresent())
                .filter(supply -> host.text(supply.resolve("scope")).filter("Device"::equals).isEmpty())
                .findFirst()
                .map(supply -> new BatteryGauge(host, supply));
    }

    /** State of charge in percent. */
    public OptionalInt percent() {
        OptionalLong capacity = host.number(directory.resolve("capacity"));
        return capacity.isPresent() && capacity.getAsLong() >= 0 && capacity.getAsLong() <= 100
                ? OptionalInt.of((int) capacity.getAsLong())
                : OptionalInt.empty();
    }

    /** Whether the device is on the charger; empty where the gauge does not know. */
    public Optional<Boolean> charging() {
        return host.text(directory.resolve("status")).flatMap(status -> switch (status) {
            case "Charging", "Full", "Not charging" -> Optional.of(true);
            case "Discharging" -> Optional.of(false);
            default -> Optional.empty();
        });
    }

    /** What the device draws from the battery; empty on the charger and where the gauge does not measure it. */
    public OptionalDouble dischargeWatts() {
        if (!charging().equals(Optional.of(false))) {
            return OptionalDouble.empty();
        }
        OptionalLong microwatts = host.number(directory.resolve("power_now"));
        if (microwatts.isPresent()) {
            return OptionalDouble.of(Math.abs(microwatts.getAsLong()) * 1e-6);
        }
        OptionalLong microvolts = host.number(directory.resolve("voltage_now"));
        OptionalLong microamperes = host.number(directory.resolve("current_now"));
        // Gauges disagree about the sign of a discharging current.
        return microvolts.isPresent() && microamperes.isPresent()
                ? OptionalDouble.of(microvolts.getAsLong() * 1e-6 * Math.abs(microamperes.getAsLong()) * 1e-6)
                : OptionalDouble.empty();
    }
}
