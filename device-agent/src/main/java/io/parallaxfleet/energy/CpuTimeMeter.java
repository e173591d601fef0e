package io.parallaxfleet.energy;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * A model, not a measurement, for hosts without any meter: {@code E = CPU time of this process * } {@value #WATTS_PER_CORE} W.
 * Telemetry names it cpu-time-model; it orders plans by the CPU work they cost and says nothing of the accelerator.
 */
public final class CpuTimeMeter implements EnergyMeter {
    /** A busy core of the mobile and server parts this runs on draws 1 to 4 W above idle. */
    static final double WATTS_PER_CORE = 2.0;

    private final LongSupplier processCpuNanos;
    private long startNanos = -1;

    private CpuTimeMeter(LongSupplier processCpuNanos) {
        this.processCpuNanos = processCpuNanos;
    }

    /** Empty where the platform does not tell the process its CPU time. */
    static Optional<CpuTimeMeter> of(LongSupplier processCpuNanos) {
        return processCpuNanos.getAsLong() < 0 ? Optional.empty() : Optional.of(new CpuTimeMeter(processCpuNanos));
    }

    @Override
    public String source() {
        return "cpu-time-model";
    }

    @Override
    public void begin() {
        startNanos = processCpuNanos.getAsLong();
    }

    @Override
    public void sample() {
        // CPU time accumulates by itself.
    }

    @Override
    public Reading end() {
        long nanos = processCpuNanos.getAsLong() - startNanos;
        // Where CPU time comes in ticks, a batch within one tick shows none, which is not the same as none.
        return startNanos < 0 || nanos <= 0
                ? Reading.unavailable()
                : new Reading(OptionalLong.of(Math.round(nanos * 1e-3 * WATTS_PER_CORE)), 0);
    }
}
