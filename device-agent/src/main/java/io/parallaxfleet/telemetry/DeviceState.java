package io.parallaxfleet.telemetry;

import io.parallaxfleet.energy.BatteryGauge;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.schemas.avro.ThermalState;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the operating system says of the device at one moment.
 *
 * @param freeMemoryBytes memory available to new work; 0 where unknown
 * @param batteryPercent empty: no battery
 * @param charging empty: no battery, or the gauge does not know
 */
public record DeviceState(ThermalState thermal, OptionalInt batteryPercent, Optional<Boolean> charging, long freeMemoryBytes) {
    /** Reads the host now. */
    public static DeviceState of(HostFiles host) {
        Optional<BatteryGauge> battery = BatteryGauge.find(host);
        return new DeviceState(new ThermalZones(host).state(),
                battery.map(BatteryGauge::percent).orElse(OptionalInt.empty()),
                battery.flatMap(BatteryGauge::charging), availableBytes(host));
    }

    private static long availableBytes(HostFiles host) {
        return MemoryInfo.bytes(host, "MemAvailable").orElse(0);
    }
}
