package io.parallaxfleet.engine;

import io.parallaxfleet.energy.EnergyMeter;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Under what and with what an {@link ExecutionTrial} measures.
 *
 * @param clockNanos a clock for the budget
 * @param pause waits
 * @param settling between candidates; {@link TrialRounds#SETTLING} where one of them spins after its runs,
 *     {@link TrialRounds#GAP} will do otherwise
 * @param others what other processes take of the machine
 * @param meter measures the energy of a visit
 * @param random draws the order of turns
 */
record TrialConditions(LongSupplier clockNanos, Consumer<Duration> pause, Duration settling, Others others, EnergyMeter meter,
        Random random) {

    /** What other processes take of the machine. */
    @FunctionalInterface
    interface Others {
        /** Begins to look; what it answers says the share of all cores that others had since, empty where nobody knows. */
        Supplier<OptionalDouble> watch();
    }

    TrialConditions withMeter(EnergyMeter other) {
        return new TrialConditions(clockNanos, pause, settling, others, other, random);
    }
}
