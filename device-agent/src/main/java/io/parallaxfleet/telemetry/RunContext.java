package io.parallaxfleet.telemetry;

import io.parallaxfleet.energy.EnergyMeter.Reading;
import java.time.Instant;
import java.util.Objects;
import java.util.OptionalDouble;

/**
 * What telemetry records about an inference besides what the engine measured: none of it can be reconstructed later.
 *
 * @param sequence from 0, without gaps, per session
 * @param timestamp when the inference ended
 * @param policyEpoch epoch in force
 * @param explored whether exploration chose the plan
 * @param explorationProbability probability with which the plan that ran was chosen
 * @param warmup among the first runs of the plan in this process
 * @param idleGapNanos since the previous inference of this process ended; -1 for the first
 * @param threads CPU threads the engine was allowed
 * @param state what the operating system said before the run
 * @param foreignCpuShare share of all cores that others used during the turn; empty: unknown
 * @param exclusiveTurn whether the machine's measuring turn was held
 * @param validity whether the figures may be used
 * @param energySource name of the meter
 * @param energy the inference's share of its batch
 */
public record RunContext(
        long sequence,
        Instant timestamp,
        long policyEpoch,
        boolean explored,
        double explorationProbability,
        boolean warmup,
        long idleGapNanos,
        int threads,
        DeviceState state,
        OptionalDouble foreignCpuShare,
        boolean exclusiveTurn,
        RunValidity validity,
        String energySource,
        Reading energy) {
    public RunContext {
        Objects.requireNonNull(timestamp, "timestamp");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(validity, "validity");
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence is " + sequence + "; it starts at 0");
        }
        if (!(explorationProbability > 0 && explorationProbability <= 1)) {
            throw new IllegalArgumentException(
                    "explorationProbability is " + explorationProbability + "; what ran had a probability in (0, 1]");
        }
    }
}
