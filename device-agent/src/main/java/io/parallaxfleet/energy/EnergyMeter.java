package io.parallaxfleet.energy;

import io.parallaxfleet.host.HostFiles;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Measures the energy of a batch of inferences: {@link #begin()}, {@link #sample()} between inferences, {@link #end()}. What
 * cannot be read is empty, never 0. Not thread-safe: one batch at a time.
 */
public sealed interface EnergyMeter permits RaplMeter, PowerMeter, CpuTimeMeter, EnergyMeter.None {
    /** The name telemetry carries: rapl, ina3221, battery, cpu-time-model or none. */
    String source();

    /** Starts a batch. */
    void begin();

    /** Called between inferences; meters of power integrate over these points. */
    void sample();

    /** Ends the batch. */
    Reading end();

    /**
     * @param microjoules energy since {@link #begin()}; empty: unavailable
     * @param sampleHertz how often the meter was read; 0: at the ends of the batch
     */
    record Reading(OptionalLong microjoules, double sampleHertz) {
        public static Reading unavailable() {
            return new Reading(OptionalLong.empty(), 0);
        }
    }

    /** No meter. */
    record None() implements EnergyMeter {
        @Override
        public String source() {
            return "none";
        }

        @Override
        public void begin() {}

        @Override
        public void sample() {}

        @Override
        public Reading end() {
            return Reading.unavailable();
        }
    }

    /**
     * The best meter this host has: package counters (RAPL), board power rails (INA3221), the battery gauge while discharging, and
     * last a model over the CPU time of this process.
     *
     * @param processCpuNanos CPU time of this process; negative: unknown
     */
    static EnergyMeter of(HostFiles host, LongSupplier nanoTime, LongSupplier processCpuNanos) {
        return first(RaplMeter.find(host), PowerMeter.ina3221(host, nanoTime), PowerMeter.battery(host, nanoTime),
                CpuTimeMeter.of(processCpuNanos));
    }

    /**
     * As {@link #of}, for batches of a few inferences: without the battery gauge, which moves about once a second.
     *
     * @param processCpuNanos CPU time of this process; negative: unknown
     */
    static EnergyMeter forShortBatches(HostFiles host, LongSupplier nanoTime, LongSupplier processCpuNanos) {
        return first(RaplMeter.find(host), PowerMeter.ina3221(host, nanoTime), CpuTimeMeter.of(processCpuNanos));
    }

    @SafeVarargs
    private static EnergyMeter first(Optional<? extends EnergyMeter>... meters) {
        for (Optional<? extends EnergyMeter> meter : meters) {
            if (meter.isPresent()) {
                return meter.get();
            }
        }
        return new None();
    }
}
