package io.parallaxfleet.operators.rollout.staged;

import java.util.Locale;

/**
 * Judges a stage at one look. Rolls back on the first sure harm, promotes only what is surely harmless, and holds otherwise: no data
 * is never a promotion, and neither is a harm that cannot be excluded yet. Immutable and thread-safe.
 */
public final class StageJudge {
    private final StagedOptions options;
    private final ConfidenceSequence means;
    private final ConfidenceSequence tails;

    public StageJudge(StagedOptions options) {
        this.options = options;
        this.means = options.meanSequence();
        this.tails = options.tailSequence();
    }

    /**
     * One look.
     *
     * @param neededMembers from the plan; with fewer nothing is decided but failures
     * @param failures of the stage up to and with this look
     */
    public StageVerdict judge(GroupLook members, GroupLook control, int neededMembers, FailureGuard failures) {
        if (failures.alarmed()) {
            return new StageVerdict.Rollback(String.format(Locale.ROOT,
                    "failures among members are %.0f times likelier if they fail more often", failures.evidence()), null);
        }
        Reporting reporting =
                new Reporting(members.withPast(), members.reporting(), control.withPast(), control.reporting());
        if (!reporting.balanced()) {
            return hold(StageVerdict.Cause.UNBALANCED, reporting.membersNow() + " of " + reporting.membersBefore()
                    + " members report, and " + reporting.controlNow() + " of " + reporting.controlBefore()
                    + " of the others: the groups cannot be compared");
        }
        if (members.measured() < Math.max(2, neededMembers) || control.measured() < 2) {
            return hold(StageVerdict.Cause.TOO_FEW_DEVICES, members.measured() + " members and " + control.measured()
                    + " control devices were measured; " + Math.max(2, neededMembers) + " members are needed");
        }
        ChangeEstimate mean = ChangeEstimate.of(members.mean(), control.mean());
        ChangeEstimate tail = ChangeEstimate.of(members.tail(), control.tail());
        if (!(mean.variance() > 0 && tail.variance() > 0)) {
            return hold(StageVerdict.Cause.NO_SPREAD, "all devices report the very same change, which no measurement does");
        }
        return judge(new StageVerdict.Evidence(mean, means.halfWidth(mean.variance()), tail, tails.halfWidth(tail.variance())));
    }

    private static StageVerdict hold(StageVerdict.Cause cause, String why) {
        return new StageVerdict.Hold(cause, why, null);
    }

    private StageVerdict judge(StageVerdict.Evidence evidence) {
        double mean = evidence.mean().change();
        double tail = evidence.tail().change();
        if (mean - evidence.meanHalfWidth() > 0) {
            return new StageVerdict.Rollback("members became slower: " + interval(mean, evidence.meanHalfWidth()), evidence);
        }
        if (tail - evidence.tailHalfWidth() > 0) {
            return new StageVerdict.Rollback("members' 95th percentile rose: " + interval(tail, evidence.tailHalfWidth()), evidence);
        }
        if (mean + evidence.meanHalfWidth() >= options.harm()) {
            return new StageVerdict.Hold(StageVerdict.Cause.MEAN_UNCLEAR, "the mean's change is "
                    + interval(mean, evidence.meanHalfWidth()) + ", and " + percent(options.harm()) + " has to be excluded", evidence);
        }
        if (tail + evidence.tailHalfWidth() >= options.tailHarm()) {
            return new StageVerdict.Hold(StageVerdict.Cause.TAIL_UNCLEAR, "the 95th percentile's change is "
                    + interval(tail, evidence.tailHalfWidth()) + ", and " + percent(options.tailHarm()) + " has to be excluded",
                    evidence);
        }
        return new StageVerdict.Promote(evidence);
    }

    private static String interval(double change, double halfWidth) {
        return percent(change) + ", between " + percent(change - halfWidth) + " and " + percent(change + halfWidth);
    }

    private static String percent(double logRatio) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * Math.expm1(logRatio));
    }
}
