package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a staged rollout promises. Changes are natural logarithms of ratios of what is judged: 0.05 is about 5 % slower, or about 5 % more
 * energy. Immutable.
 *
 * @param falseRollback chance in (0,1) that a rollout which changes nothing is taken back by any test in any stage
 * @param power chance in (0,1) that a stage, once its devices have said what they can, takes back what is slower by {@code harm}
 * @param harm the mean change that must not pass
 * @param tailHarm the change of the 95th percentile that must not pass
 * @param deviceDeviation standard deviation over devices of their own change when nothing changes; what the number of devices is
 *     planned with, not what is tested with
 * @param criterion what is judged
 * @param guardHarm the mean change that what the criterion leaves out must not surely exceed
 */
public record StagedOptions(double falseRollback, double power, double harm, double tailHarm, double deviceDeviation,
        Criterion criterion, double guardHarm)
        implements Serializable {
    /** Mean, tail and failures. What guards adds no error: a change of nothing is far from its bound. */
    private static final int TESTS = 3;
    private static final int MEASURED_STAGES = Stage.values().length - 1;
    /** Fewer devices than this do not tell their own spread. */
    private static final int MIN_DEVICES = 8;

    public StagedOptions {
        if (!(falseRollback > 0 && falseRollback < 1) || !(power > 0 && power < 1)) {
            throw new IllegalArgumentException("falseRollback " + falseRollback + " and power " + power + " must be in (0,1)");
        }
        Objects.requireNonNull(criterion, "criterion");
        if (!(guardHarm > 0)) {
            throw new IllegalArgumentException("guardHarm is " + guardHarm + "; it must be positive");
        }
        if (!(harm > 0) || !(tailHarm > 0) || !(deviceDeviation > 0)) {
            throw new IllegalArgumentException(
                    "harm " + harm + ", tailHarm " + tailHarm + " and deviceDeviation " + deviceDeviation + " must be positive");
        }
    }

    public static StagedOptions defaults() {
        return new StagedOptions(0.02, 0.995, Math.log(1.05), Math.log(1.15), 0.025, Criterion.LATENCY, Math.log(1.25));
    }

    /** The same by another criterion. */
    public StagedOptions judging(Criterion newCriterion, double newGuardHarm) {
        return new StagedOptions(falseRollback, power, harm, tailHarm, deviceDeviation, newCriterion, newGuardHarm);
    }

    /** Error that one test in one stage may make over all its looks; together they keep {@code falseRollback}. */
    public double testError() {
        return falseRollback / (TESTS * MEASURED_STAGES);
    }

    /** The test of the mean change. */
    public ConfidenceSequence meanSequence() {
        return new ConfidenceSequence(testError(), harm);
    }

    /** The test of the tail's change. */
    public ConfidenceSequence tailSequence() {
        return new ConfidenceSequence(testError(), tailHarm);
    }

    /** Of the mean change of what guards. */
    public ConfidenceSequence guardSequence() {
        return new ConfidenceSequence(testError(), guardHarm);
    }

    /** Members that a class of this size must have measured in any of its stages, its control being all others. */
    public int neededMembers(int devices) {
        double needed = meanSequence().informationFor(harm, power);
        for (int members = MIN_DEVICES; members <= devices / 2; members++) {
            if (information(members, devices - members) >= needed) {
                return members;
            }
        }
        return devices;
    }

    /**
     * The stages in which a class of this size can show what has to be shown, in order: members and control are enough for the
     * wanted power. Empty for a class that can only be compared with its own past.
     */
    public List<Stage> measurableStages(int devices) {
        double needed = meanSequence().informationFor(harm, power);
        List<Stage> stages = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            int members = surely(devices, stage.membersPerMille());
            int control = surely(devices, RolloutMembership.BUCKETS - stage.membersPerMille());
            if (members >= MIN_DEVICES && control >= MIN_DEVICES && information(members, control) >= needed) {
                stages.add(stage);
            }
        }
        return stages;
    }

    // Who is a member is drawn by a hash: the binomial's mean less one and a half standard deviations. A stage that is short by
    // chance would wait for a person.
    private static int surely(int devices, int perMille) {
        double share = (double) perMille / RolloutMembership.BUCKETS;
        return (int) Math.floor(devices * share - 1.5 * Math.sqrt(devices * share * (1 - share)));
    }

    private double information(int members, int control) {
        return 1 / (deviceDeviation * deviceDeviation * (1.0 / members + 1.0 / control));
    }
}
