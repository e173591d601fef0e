package io.parallaxfleet.operators.rollout.staged;

import java.util.Locale;

/**
 * Judges a stage at one look by its {@link Criterion}. Rolls back on the first sure harm, promotes only what is surely harmless, and
 * holds otherwise: no data is never a promotion, and neither is a harm that cannot be excluded yet. What guards takes thresholds back
 * once it is surely worse by more than its bound; where it is latency, that bound must be excluded before a promotion too. Energy that
 * guards does so as far as it is metered. Immutable and thread-safe.
 */
public final class StageJudge {
    private final StagedOptions options;
    private final Criterion criterion;
    private final ConfidenceSequence means;
    private final ConfidenceSequence tails;
    private final ConfidenceSequence guards;

    public StageJudge(StagedOptions options) {
        this.options = options;
        this.criterion = options.criterion();
        this.means = options.meanSequence();
        this.tails = options.tailSequence();
        this.guards = options.guardSequence();
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
                    "failures among members are %.0f times likelier if they fail more often", failures.evidence()), null, null);
        }
        Reporting reporting =
                new Reporting(members.withPast(), members.reporting(), control.withPast(), control.reporting());
        if (!reporting.balanced()) {
            return new StageVerdict.Hold(StageVerdict.Cause.UNBALANCED, reporting.membersNow() + " of " + reporting.membersBefore()
                    + " members report, and " + reporting.controlNow() + " of " + reporting.controlBefore()
                    + " of the others: the groups cannot be compared", null, null);
        }
        int needed = Math.max(2, neededMembers);
        StageVerdict.Guard guard = guard(members.guard(), control.guard(), needed);
        if (guard != null && guard.low() > options.guardHarm()) {
            return new StageVerdict.Rollback("members' " + criterion.guard() + " is surely worse by more than " + percent(options.guardHarm())
                    + ", which guards this rollout: " + interval(guard.estimate().change(), guard.halfWidth()), null, guard);
        }
        if (members.measured() < needed || control.measured() < 2) {
            return tooFew(members, control, needed, guard);
        }
        if (!metering(members, control).balanced()) {
            return new StageVerdict.Hold(StageVerdict.Cause.ENERGY_UNAVAILABLE, "energy is unavailable from " + members.unmetered() + " of "
                    + measuring(members) + " members and " + control.unmetered() + " of " + measuring(control)
                    + " of the others that report: the groups cannot be compared", null, guard);
        }
        ChangeEstimate mean = ChangeEstimate.of(members.mean(), control.mean());
        ChangeEstimate tail = ChangeEstimate.of(members.tail(), control.tail());
        if (!(mean.variance() > 0 && tail.variance() > 0)) {
            return new StageVerdict.Hold(StageVerdict.Cause.NO_SPREAD,
                    "all devices report the very same change, which no measurement does", null, guard);
        }
        return judge(new StageVerdict.Evidence(mean, means.halfWidth(mean.variance()), tail, tails.halfWidth(tail.variance())), guard);
    }

    // Null where it is unavailable, of too few devices, or the same of all.
    private StageVerdict.Guard guard(Moments members, Moments control, int needed) {
        if (members.count() < needed || control.count() < 2) {
            return null;
        }
        ChangeEstimate estimate = ChangeEstimate.of(members, control);
        return estimate.variance() > 0 ? new StageVerdict.Guard(estimate, guards.halfWidth(estimate.variance())) : null;
    }

    private static Reporting metering(GroupLook members, GroupLook control) {
        return new Reporting(measuring(members), (int) members.measured(), measuring(control), (int) control.measured());
    }

    private static int measuring(GroupLook group) {
        return (int) group.measured() + group.unmetered();
    }

    private StageVerdict tooFew(GroupLook members, GroupLook control, int needed, StageVerdict.Guard guard) {
        int unmetered = members.unmetered() + control.unmetered();
        String counts = members.measured() + " members and " + control.measured() + " control devices were measured; " + needed
                + " members are needed";
        return unmetered == 0
                ? new StageVerdict.Hold(StageVerdict.Cause.TOO_FEW_DEVICES, counts, null, guard)
                : new StageVerdict.Hold(StageVerdict.Cause.ENERGY_UNAVAILABLE, counts + ", and energy is unavailable from "
                        + members.unmetered() + " members and " + control.unmetered() + " of the others, which is not none", null, guard);
    }

    private StageVerdict judge(StageVerdict.Evidence evidence, StageVerdict.Guard guard) {
        double mean = evidence.mean().change();
        double tail = evidence.tail().change();
        if (mean - evidence.meanHalfWidth() > 0) {
            return new StageVerdict.Rollback("members " + criterion.harmed() + ": " + interval(mean, evidence.meanHalfWidth()), evidence,
                    guard);
        }
        if (tail - evidence.tailHalfWidth() > 0) {
            return new StageVerdict.Rollback("members' " + criterion.possessive() + "95th percentile rose: "
                    + interval(tail, evidence.tailHalfWidth()), evidence, guard);
        }
        if (mean + evidence.meanHalfWidth() >= options.harm()) {
            return new StageVerdict.Hold(StageVerdict.Cause.MEAN_UNCLEAR, "the " + criterion.possessive() + "mean's change is "
                    + interval(mean, evidence.meanHalfWidth()) + ", and " + percent(options.harm()) + " has to be excluded", evidence, guard);
        }
        if (tail + evidence.tailHalfWidth() >= options.tailHarm()) {
            return new StageVerdict.Hold(StageVerdict.Cause.TAIL_UNCLEAR, "the " + criterion.possessive() + "95th percentile's change is "
                    + interval(tail, evidence.tailHalfWidth()) + ", and " + percent(options.tailHarm()) + " has to be excluded",
                    evidence, guard);
        }
        if (criterion.needsEnergy() && (guard == null || guard.high() >= options.guardHarm())) {
            return new StageVerdict.Hold(StageVerdict.Cause.GUARD_UNCLEAR, guard == null
                    ? "latency, which guards this rollout, is not known of enough devices"
                    : "latency's change is " + interval(guard.estimate().change(), guard.halfWidth()) + ", and "
                            + percent(options.guardHarm()) + " has to be excluded: it guards this rollout", evidence, guard);
        }
        return new StageVerdict.Promote(evidence, guard);
    }

    private static String interval(double change, double halfWidth) {
        return percent(change) + ", between " + percent(change - halfWidth) + " and " + percent(change + halfWidth);
    }

    private static String percent(double logRatio) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * Math.expm1(logRatio));
    }
}
