package io.parallaxfleet.operators.aggregate;

import java.util.Objects;

/**
 * One inference, or one branch of it, as the aggregates see it.
 *
 * @param warm false among the first runs of a plan in a process
 * @param valid the agent vouches for the sample
 * @param fallback it did not run where it was planned
 * @param oneSessionArenaBytes baseline of the same device and model; null where unknown
 * @param energyMicrojoules null where unavailable, which is never 0
 */
public record Measurement(AggregateKey key, String deviceId, boolean warm, boolean valid, boolean fallback, long latencyNanos,
        long arenaPeakBytes, Long oneSessionArenaBytes, Long energyMicrojoules, String energySource) {
    public Measurement {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(deviceId, "deviceId");
        Objects.requireNonNull(energySource, "energySource");
        if (latencyNanos < 0) {
            throw new IllegalArgumentException("latencyNanos is " + latencyNanos + "; it must not be negative");
        }
    }
}
