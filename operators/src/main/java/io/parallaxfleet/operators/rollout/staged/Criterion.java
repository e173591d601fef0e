package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.DeviceInference;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.OptionalDouble;

/**
 * What a stage is judged by: the cost that the search minimised, and beside it the one that it left out, which guards. Both are natural
 * logarithms of a run's nanoseconds, microjoules, or their product; a run whose energy is unavailable has none, never none used. The
 * codes are stored.
 */
public enum Criterion {
    LATENCY(0, "", "became slower", "energy"),
    ENERGY(1, "energy's ", "took more energy", "latency"),
    /** Energy times latency; latency guards, as it is what a user notices. */
    BALANCED(2, "energy times latency's ", "took more energy times latency", "latency");

    private final int code;
    private final String possessive;
    private final String harmed;
    private final String guard;

    Criterion(int code, String possessive, String harmed, String guard) {
        this.code = code;
        this.possessive = possessive;
        this.harmed = harmed;
        this.guard = guard;
    }

    public static Criterion of(Objective objective) {
        return switch (objective) {
            case LATENCY -> LATENCY;
            case ENERGY -> ENERGY;
            case BALANCED -> BALANCED;
            case UNKNOWN -> throw new IllegalArgumentException("the objective is unknown to this build");
        };
    }

    public int code() {
        return code;
    }

    /** @throws IllegalArgumentException when none has the code */
    static Criterion ofCode(int code) {
        for (Criterion criterion : values()) {
            if (criterion.code == code) {
                return criterion;
            }
        }
        throw new IllegalArgumentException("no criterion has the code " + code);
    }

    /** Whether nothing can be judged of a run whose energy is unavailable. */
    public boolean needsEnergy() {
        return this != LATENCY;
    }

    /** Of a run with a positive latency. */
    OptionalDouble judged(DeviceInference run) {
        double latency = Math.log(run.latencyNanos());
        return switch (this) {
            case LATENCY -> OptionalDouble.of(latency);
            case ENERGY -> logEnergy(run);
            case BALANCED -> run.energy() == null ? OptionalDouble.empty() : OptionalDouble.of(latency + Math.log(run.energy().microjoules()));
        };
    }

    /** What guards, of a run with a positive latency. */
    OptionalDouble guarding(DeviceInference run) {
        return needsEnergy() ? OptionalDouble.of(Math.log(run.latencyNanos())) : logEnergy(run);
    }

    private static OptionalDouble logEnergy(DeviceInference run) {
        return run.energy() == null ? OptionalDouble.empty() : OptionalDouble.of(Math.log(run.energy().microjoules()));
    }

    /** Whose mean or percentile it is, before the word; empty for latency, which needs none. */
    public String possessive() {
        return possessive;
    }

    /** What members did that harms; for a sentence about them. */
    public String harmed() {
        return harmed;
    }

    /** Name of what guards. */
    public String guard() {
        return guard;
    }
}
