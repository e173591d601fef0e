package io.parallaxfleet.operators.rollout.whole;

import io.parallaxfleet.operators.rollout.staged.ConfidenceSequence;
import io.parallaxfleet.operators.rollout.staged.StagedOptions;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.Objects;

/**
 * Judges thresholds that a whole class took at once by {@link ControlledComparison}. What the objective names is judged: taken back once
 * surely harmed, completed once surely not harmed by more than must not pass, held otherwise; of BALANCED the product of latency
 * and energy. The other of the two is the guard: thresholds are taken back once it is surely worse by more than its bound, and where it is
 * latency they are only completed once that is excluded. Energy that
 * is unavailable guards nothing and is said to be; where it is judged, its absence holds. Immutable and thread-safe.
 *
 * @param harm natural logarithm of the harm that must not pass
 * @param guardHarm the same of what is not judged
 */
public record ControlledJudge(ControlledComparison comparison, Objective objective, double harm, double guardHarm) {
    /**
     * One epoch.
     *
     * @param latencies medians
     * @param energies means
     */
    public record Epoch(EpochWindows latencies, EnergyWindows energies) {}

    public ControlledJudge {
        Objects.requireNonNull(objective, "objective");
        if (!(harm > 0 && guardHarm > 0)) {
            throw new IllegalArgumentException("harm " + harm + " and guardHarm " + guardHarm + " must be positive");
        }
    }

    /**
     * With the error of rollouts in stages.
     *
     * @param minSamples inferences that a model needs under either epoch
     * @param minCoverage share of its group's time that the compared models must have had
     * @param worseBy share by which what is judged must not become worse
     * @param guardWorseBy share by which the other must not
     */
    public static ControlledJudge of(int minSamples, double minCoverage, double worseBy, Objective objective, double guardWorseBy) {
        double harm = Math.log1p(worseBy);
        // One test where stages make many: half of what they may err together, as a normal interval of few windows errs more.
        ConfidenceSequence interval = new ConfidenceSequence(StagedOptions.defaults().falseRollback() / 2, harm);
        return new ControlledJudge(new ControlledComparison(minSamples, minCoverage, interval), objective, harm,
                Math.log1p(guardWorseBy));
    }

    public ControlledVerdict judge(Epoch before, Epoch after, PlanChanges plans) {
        ControlledComparison.Result result = comparison.compare(before.latencies(), after.latencies(), plans);
        if (result instanceof ControlledComparison.NoControl none) {
            return new ControlledVerdict.NoControl(none.why());
        }
        if (result instanceof ControlledComparison.NotYet notYet) {
            return new ControlledVerdict.Hold(notYet.why(), null, null);
        }
        ControlledChange latency = ((ControlledComparison.Compared) result).change();
        EnergyEvidence energy = energy(before.energies(), after.energies(), plans);
        return switch (objective) {
            case LATENCY -> judge(interval(latency), energy instanceof EnergyEvidence.Measured measured ? interval(measured.change()) : null,
                    latency, energy);
            case ENERGY -> energy instanceof EnergyEvidence.Measured measured
                    ? judge(interval(measured.change()), interval(latency), latency, energy)
                    : judgeWithoutEnergy(latency, energy);
            case BALANCED -> energy instanceof EnergyEvidence.Measured measured
                    ? judge(interval(latency).and(interval(measured.change())), interval(latency), latency, energy)
                    : judgeWithoutEnergy(latency, energy);
            case UNKNOWN -> throw new IllegalStateException("the objective is unknown to this build");
        };
    }

    private record Interval(double change, double halfWidth) {
        // Of the logarithm of the product; both may err at once.
        Interval and(Interval other) {
            return new Interval(change + other.change, halfWidth + other.halfWidth);
        }

        double low() {
            return change - halfWidth;
        }

        double high() {
            return change + halfWidth;
        }
    }

    private static Interval interval(ControlledChange change) {
        return new Interval(change.change(), change.halfWidth());
    }

    /** @param guard null where it is unavailable */
    private ControlledVerdict judge(Interval judged, Interval guard, ControlledChange latency, EnergyEvidence energy) {
        String described = latency.describe() + "; " + energy.describe();
        if (judged.low() > 0) {
            return new ControlledVerdict.Rollback(described, latency, energy);
        }
        if (guard != null && guard.low() > guardHarm) {
            return new ControlledVerdict.Rollback((objective == Objective.LATENCY ? "energy" : "latency") + " is surely worse by more than "
                    + ControlledChange.percent(guardHarm) + ", which guards this rollout: " + described, latency, energy);
        }
        if (objective != Objective.LATENCY && guard.high() >= guardHarm) {
            return new ControlledVerdict.Hold(described + "; a latency worse by " + ControlledChange.percent(guardHarm)
                    + " has to be excluded, which guards this rollout", latency, energy);
        }
        return judged.high() < harm
                ? new ControlledVerdict.Promote(latency, energy)
                : new ControlledVerdict.Hold(described + "; " + ControlledChange.percent(harm) + " has to be excluded", latency, energy);
    }

    private ControlledVerdict judgeWithoutEnergy(ControlledChange latency, EnergyEvidence energy) {
        String why = latency.describe() + "; " + energy.describe() + ", and the objective is " + objective;
        return interval(latency).low() > guardHarm
                ? new ControlledVerdict.Rollback(why, latency, energy)
                : new ControlledVerdict.Hold(why, latency, energy);
    }

    private EnergyEvidence energy(EnergyWindows before, EnergyWindows after, PlanChanges plans) {
        if (before.source() == null || after.source() == null) {
            return new EnergyEvidence.Unavailable("nothing was metered " + (before.source() == null ? "before" : "since"));
        }
        if (!before.source().equals(after.source())) {
            return new EnergyEvidence.Unavailable("it was metered by " + before.source() + " before and by " + after.source() + " since");
        }
        ControlledComparison.Result result = comparison.compare(before.windows(), after.windows(), plans);
        if (result instanceof ControlledComparison.Compared compared) {
            return new EnergyEvidence.Measured(before.source(), compared.change());
        }
        return new EnergyEvidence.Unavailable(result instanceof ControlledComparison.NotYet notYet ? notYet.why()
                : ((ControlledComparison.NoControl) result).why());
    }
}
