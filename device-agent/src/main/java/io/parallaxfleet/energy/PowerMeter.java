package io.parallaxfleet.energy;

import io.parallaxfleet.host.HostFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Integrates a power reading over the batch by the trapezoidal rule: {@code E = sum (P_i + P_i+1) / 2 * (t_i+1 - t_i)}. A batch
 * with one unreadable point is unavailable as a whole.
 */
public final class PowerMeter implements EnergyMeter {
    private final String source;
    private final Supplier<OptionalDouble> watts;
    private final LongSupplier nanoTime;
    private double joules;
    private OptionalDouble lastWatts = OptionalDouble.empty();
    private long startNanos;
    private long lastNanos;
    private int intervals;
    private boolean complete;

    PowerMeter(String source, Supplier<OptionalDouble> watts, LongSupplier nanoTime) {
        this.source = source;
        this.watts = watts;
        this.nanoTime = nanoTime;
    }

    /** The sum of all rails of an INA3221 board monitor: millivolts times milliamperes. Empty where there is none. */
    static Optional<PowerMeter> ina3221(HostFiles host, LongSupplier nanoTime) {
        for (Path monitor : host.entries("sys/class/hwmon", "hwmon")) {
            if (host.text(monitor.resolve("name")).filter("ina3221"::equals).isEmpty()) {
                continue;
            }
            List<Integer> rails = new ArrayList<>();
            for (int rail = 1; rail <= 3; rail++) {
                if (railWatts(host, monitor, rail).isPresent()) {
                    rails.add(rail);
                }
            }
            if (!rails.isEmpty()) {
                return Optional.of(new PowerMeter("ina3221", () -> allRails(host, monitor, rails), nanoTime));
            }
        }
        return Optional.empty();
    }

    /** The battery gauge while it discharges; on the charger it says nothing of what the device takes. */
    static Optional<PowerMeter> battery(HostFiles host, LongSupplier nanoTime) {
        return BatteryGauge.find(host)
                .filter(gauge -> gauge.dischargeWatts().isPresent())
                .map(gauge -> new PowerMeter("battery", gauge::dischargeWatts, nanoTime));
    }

    private static OptionalDouble allRails(HostFiles host, Path monitor, List<Integer> rails) {
        double watts = 0;
        for (int rail : rails) {
            OptionalDouble one = railWatts(host, monitor, rail);
            if (one.isEmpty()) {
                return one;
            }
            watts += one.getAsDouble();
        }
        return OptionalDouble.of(watts);
    }

    private static OptionalDouble railWatts(HostFiles host, Path monitor, int rail) {
        OptionalLong millivolts = host.number(monitor.resolve("in" + rail + "_input"));
        OptionalLong milliamperes = host.number(monitor.resolve("curr" + rail + "_input"));
        return millivolts.isPresent() && milliamperes.isPresent()
                ? OptionalDouble.of(millivolts.getAsLong() * 1e-3 * milliamperes.getAsLong() * 1e-3)
                : OptionalDouble.empty();
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public void begin() {
        joules = 0;
        intervals = 0;
        startNanos = nanoTime.getAsLong();
        lastNanos = startNanos;
        lastWatts = watts.get();
        complete = lastWatts.isPresent();
    }

    @Override
    public void sample() {
        OptionalDouble now = watts.get();
        long nanos = nanoTime.getAsLong();
        if (now.isEmpty() || lastWatts.isEmpty()) {
            complete = false;
        } else {
            joules += (now.getAsDouble() + lastWatts.getAsDouble()) / 2 * (nanos - lastNanos) * 1e-9;
            intervals++;
        }
        lastWatts = now;
        lastNanos = nanos;
    }

    @Override
    public Reading end() {
        sample();
        if (!complete || lastNanos <= startNanos) {
            return Reading.unavailable();
        }
        return new Reading(OptionalLong.of(Math.round(joules * 1e6)), intervals / ((lastNanos - startNanos) * 1e-9));
    }
}
