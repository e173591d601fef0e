package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.rollout.staged.Criterion;
import io.parallaxfleet.operators.rollout.staged.StagedOptions;
import io.parallaxfleet.schemas.avro.Objective;
import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How new thresholds reach a class. Immutable.
 *
 * @param minImprovement predicted share of time that new thresholds must save, in [0,1)
 * @param objective what thresholds minimise and rollouts are judged by: LATENCY, ENERGY or BALANCED
 * @param guardWorseBy share by which what the objective leaves out, energy or latency, must not surely become worse
 * @param judge when a class that is too small for stages is left with them
 * @param staged what stages promise; they judge by the objective, whatever they judged by before
 * @param lookInterval event time between two looks at the devices
 * @param patience time without a decision after which a stage asks for a person, again and again
 * @param deviceMemory event time after which a silent device is forgotten
 * @param freezeClasses distinct classes whose rollouts were taken back within {@code freezeWithin} that freeze all
 */
public record RolloutOptions(double minImprovement, Objective objective, double guardWorseBy, BeforeAfter judge, StagedOptions staged, Duration lookInterval,
        Duration patience, Duration deviceMemory, int freezeClasses, Duration freezeWithin) implements Serializable {
    public RolloutOptions {
        Objects.requireNonNull(judge, "judge");
        Objects.requireNonNull(staged, "staged");
        if (!(minImprovement >= 0 && minImprovement < 1)) {
            throw new IllegalArgumentException("minimum improvement is " + minImprovement + "; it must be in [0,1)");
        }
        if (objective != Objective.LATENCY && objective != Objective.ENERGY && objective != Objective.BALANCED) {
            throw new IllegalArgumentException("objective is " + objective + "; it must be LATENCY, ENERGY or BALANCED");
        }
        if (!(guardWorseBy > 0) || Double.isInfinite(guardWorseBy)) {
            throw new IllegalArgumentException("guardWorseBy is " + guardWorseBy + "; it must be positive");
        }
        staged = staged.judging(Criterion.of(objective), Math.log1p(guardWorseBy));
        requirePositive("look interval", lookInterval);
        requirePositive("patience", patience);
        requirePositive("device memory", deviceMemory);
        requirePositive("time within which regressions freeze all", freezeWithin);
        if (freezeClasses < 2) {
            throw new IllegalArgumentException(freezeClasses + " regressing classes are to freeze all; at least 2 are needed");
        }
    }

    public static RolloutOptions defaults() {
        return new RolloutOptions(0.03, Objective.LATENCY, 0.25, BeforeAfter.defaults(), StagedOptions.defaults(), Duration.ofSeconds(30),
                Duration.ofHours(6), Duration.ofDays(30), 3, Duration.ofHours(6));
    }

    /** The same with another bar for proposals and another judge of small classes. */
    public RolloutOptions withGates(double newMinImprovement, BeforeAfter newJudge) {
        return new RolloutOptions(newMinImprovement, objective, guardWorseBy, newJudge, staged, lookInterval, patience, deviceMemory, freezeClasses,
                freezeWithin);
    }

    /** The same for another objective. */
    public RolloutOptions withObjective(Objective newObjective, double newGuardWorseBy) {
        return new RolloutOptions(minImprovement, newObjective, newGuardWorseBy, judge, staged, lookInterval, patience, deviceMemory,
                freezeClasses, freezeWithin);
    }

    /** The same with other times. */
    public RolloutOptions withTimes(Duration newLookInterval, Duration newPatience) {
        return new RolloutOptions(minImprovement, objective, guardWorseBy, judge, staged, newLookInterval, newPatience, deviceMemory, freezeClasses,
                freezeWithin);
    }

    private static void requirePositive(String name, Duration time) {
        if (time.isZero() || time.isNegative()) {
            throw new IllegalArgumentException(name + " is " + time + "; it must be positive");
        }
    }
}
