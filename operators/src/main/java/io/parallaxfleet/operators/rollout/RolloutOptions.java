package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.rollout.staged.StagedOptions;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How new thresholds reach a class. Immutable.
 *
 * @param minImprovement predicted share of time that new thresholds must save, in [0,1)
 * @param judge when a class that is too small for stages is left with them
 * @param staged what stages promise
 * @param lookInterval event time between two looks at the devices
 * @param patience time without a decision after which a stage asks for a person, again and again
 * @param deviceMemory event time after which a silent device is forgotten
 * @param freezeClasses distinct classes whose rollouts were taken back within {@code freezeWithin} that freeze all
 */
public record RolloutOptions(double minImprovement, BeforeAfter judge, StagedOptions staged, Duration lookInterval,
        Duration patience, Duration deviceMemory, int freezeClasses, Duration freezeWithin) implements Serializable {
    public RolloutOptions {
        Objects.requireNonNull(judge, "judge");
        Objects.requireNonNull(staged, "staged");
        if (!(minImprovement >= 0 && minImprovement < 1)) {
            throw new IllegalArgumentException("minimum improvement is " + minImprovement + "; it must be in [0,1)");
        }
        requirePositive("look interval", lookInterval);
        requirePositive("patience", patience);
        requirePositive("device memory", deviceMemory);
        requirePositive("time within which regressions freeze all", freezeWithin);
        if (freezeClasses < 2) {
            throw new IllegalArgumentException(freezeClasses + " regressing classes are to freeze all; at least 2 are needed");
        }
    }

    public static RolloutOptions defaults() {
        return new RolloutOptions(0.03, BeforeAfter.defaults(), StagedOptions.defaults(), Duration.ofSeconds(30),
                Duration.ofHours(6), Duration.ofDays(30), 3, Duration.ofHours(6));
    }

    /** The same with another bar for proposals and another judge of small classes. */
    public RolloutOptions withGates(double newMinImprovement, BeforeAfter newJudge) {
        return new RolloutOptions(newMinImprovement, newJudge, staged, lookInterval, patience, deviceMemory, freezeClasses,
                freezeWithin);
    }

    /** The same with other times. */
    public RolloutOptions withTimes(Duration newLookInterval, Duration newPatience) {
        return new RolloutOptions(minImprovement, judge, staged, newLookInterval, newPatience, deviceMemory, freezeClasses,
                freezeWithin);
    }

    private static void requirePositive(String name, Duration time) {
        if (time.isZero() || time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + time + "; it must be positive");
        }
    }
}
