package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.rollout.staged.ConfidenceSequence;
import io.parallaxfleet.operators.rollout.staged.StagedOptions;

/**
 * Judges thresholds that a whole class took at once by {@link ControlledComparison}: taken back once surely harmful, completed once
 * surely not by more than the harm that must not pass, held otherwise. Immutable and thread-safe.
 *
 * @param harm natural logarithm of the slowdown that must not pass
 */
public record ControlledJudge(ControlledComparison comparison, double harm) {
    public ControlledJudge {
        if (!(harm > 0)) {
            throw new IllegalArgumentException("harm is " + harm + "; it must be positive");
        }
    }

    /**
     * With the error of rollouts in stages.
     *
     * @param minSamples inferences that a model needs under either epoch
     * @param minCoverage share of its group's time that the compared models must have had
     * @param worseBy share of the latency by which it must not become slower
     */
    public static ControlledJudge of(int minSamples, double minCoverage, double worseBy) {
        double harm = Math.log1p(worseBy);
        // One test where stages make many: half of what they may err together, as a normal interval of few windows errs more.
        ConfidenceSequence interval = new ConfidenceSequence(StagedOptions.defaults().falseRollback() / 2, harm);
        return new ControlledJudge(new ControlledComparison(minSamples, minCoverage, interval), harm);
    }

    public ControlledVerdict judge(EpochWindows before, EpochWindows after, PlanChanges plans) {
        ControlledComparison.Result result = comparison.compare(before, after, plans);
        if (result instanceof ControlledComparison.NoControl none) {
            return new ControlledVerdict.NoControl(none.why());
        }
        if (result instanceof ControlledComparison.NotYet notYet) {
            return new ControlledVerdict.Hold(notYet.why(), null);
        }
        ControlledChange change = ((ControlledComparison.Compared) result).change();
        if (change.change() - change.halfWidth() > 0) {
            return new ControlledVerdict.Rollback(change);
        }
        return change.change() + change.halfWidth() < harm
                ? new ControlledVerdict.Promote(change)
                : new ControlledVerdict.Hold(change.describe() + ": " + ControlledChange.percent(harm) + " has to be excluded", change);
    }
}
