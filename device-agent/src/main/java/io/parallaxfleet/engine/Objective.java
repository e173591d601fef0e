package io.parallaxfleet.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What the measurement at first use minimises, over thread counts, spinning and layers side by side. The paper names the choice by
 * energy as open (Section 5). Immutable.
 */
public sealed interface Objective {
    /** Slower than this times the fastest is not worth any energy saved, where no bound is given. */
    double MAX_SLOWDOWN = 2;

    /** A short name for files and reports. */
    String name();

    /** The lowest latency. */
    record Latency() implements Objective {
        @Override
        public String name() {
            return "latency";
        }
    }

    /**
     * The least energy per inference, the time to the next one included.
     *
     * @param latencyBound the most that an inference may take; empty: {@value #MAX_SLOWDOWN} times the fastest way's
     */
    record Energy(Optional<Duration> latencyBound) implements Objective {
        public Energy {
            requirePositive(latencyBound);
        }

        @Override
        public String name() {
            return "energy" + text(latencyBound);
        }
    }

    /**
     * The least product of energy and latency.
     *
     * @param latencyBound as in {@link Energy}
     */
    record Balanced(Optional<Duration> latencyBound) implements Objective {
        public Balanced {
            requirePositive(latencyBound);
        }

        @Override
        public String name() {
            return "balanced" + text(latencyBound);
        }
    }

    /**
     * Parses {@code latency}, {@code energy} or {@code balanced}.
     *
     * @throws IllegalArgumentException for anything else, and for a bound on the lowest latency
     */
    static Objective parse(String text, Optional<Duration> latencyBound) {
        switch (text) {
            case "latency":
                if (latencyBound.isPresent()) {
                    throw new IllegalArgumentException("a latency bound goes with the objectives energy and balanced; latency takes none");
                }
                return new Latency();
            case "energy":
                return new Energy(latencyBound);
            case "balanced":
                return new Balanced(latencyBound);
            default:
                throw new IllegalArgumentException("the objective is '" + text + "'; it must be latency, energy or balanced");
        }
    }

    private static void requirePositive(Optional<Duration> latencyBound) {
        Objects.requireNonNull(latencyBound, "latencyBound");
        if (latencyBound.filter(bound -> bound.isNegative() || bound.isZero()).isPresent()) {
            throw new IllegalArgumentException("the latency bound is " + latencyBound.get() + "; it must be above 0");
        }
    }

    private static String text(Optional<Duration> latencyBound) {
        return latencyBound.map(bound -> "-" + bound.toNanos() / 1000 + "us").orElse("");
    }
}
