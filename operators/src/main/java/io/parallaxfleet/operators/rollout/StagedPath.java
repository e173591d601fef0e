package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.rollout.staged.Criterion;
import io.parallaxfleet.operators.rollout.staged.LookBoard;
import io.parallaxfleet.operators.rollout.staged.Stage;
import io.parallaxfleet.operators.rollout.staged.StageVerdict;
import io.parallaxfleet.operators.rollout.staged.StagedOptions;
import io.parallaxfleet.operators.rollout.staged.StagedRollout;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.StageMeasurement;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * New thresholds for a class that is large enough for a control: shadow, then ever larger shares of it beside the rest. Stateless
 * itself; thread-safe for distinct states.
 */
final class StagedPath {
    private final StagedOptions options;
    private final ThresholdUpdates updates;
    private final RolloutEvents events;

    StagedPath(StagedOptions options, ThresholdUpdates updates, RolloutEvents events) {
        this.options = options;
        this.updates = updates;
        this.events = events;
    }

    /** Who keeps a rollout from going on; for the end of a sentence. */
    static String keeper(RolloutState state) {
        return state.frozen ? "until a person releases the class, which is frozen" : "until a person resumes it";
    }

    /** Puts what the search found into shadow. The fit that found it is the first look. @param devices with a past */
    List<Emission> propose(RolloutState state, ClassKey key, int devices, SearchResult.Propose proposal, CostModelEstimate estimate,
            Instant now) {
        StagedRollout rollout = new StagedRollout(options, devices);
        rollout.onShadow(true);
        state.trial = new StagedTrial(proposal.rule(), rollout.position());
        state.trials++;
        state.rolloutId = Standing.wholeClassId(key, state.highestEpoch + 1) + "-trial-" + state.trials;
        state.waitingSince = now;
        state.forgetAcknowledgements();
        predict(state, proposal, estimate);
        return List.of(events.event(Standing.of(key, state), state, RolloutDecision.PROPOSE, "in shadow, applied nowhere: "
                + ThresholdUpdates.reason(proposal, state.inForce.rule(), estimate), now));
    }

    /** A look in shadow: the last fit scored the rule. */
    List<Emission> onShadow(RolloutState state, ClassKey key, SearchResult score, CostModelEstimate estimate, Instant now) {
        if (score instanceof SearchResult.Keep keep) {
            Emission event = events.event(Standing.of(key, state), state, RolloutDecision.ABORT,
                    "dropped in shadow, nothing was applied: " + keep.why(), now);
            state.settle(state.inForce);
            return List.of(event);
        }
        predict(state, (SearchResult.Propose) score, estimate);
        if (state.paused || state.frozen) {
            return hold(state, key, "SHADOW KEPT", "kept in shadow " + keeper(state), null, now);
        }
        StagedRollout rollout = new StagedRollout(options, state.trial.position);
        StagedRollout.Step step = rollout.onShadow(true);
        state.trial.position = rollout.position();
        return step instanceof StagedRollout.Step.Wait wait
                ? hold(state, key, "SHADOW " + state.trial.position.promisingLooks(), wait.why(), null, now)
                : follow(state, key, step, StagedRollout.SHADOW_LOOKS + " fits in a row predict a gain", null, now);
    }

    /** A look at members and control. */
    List<Emission> onLook(RolloutState state, ClassKey key, LookBoard.Look look, Instant now) {
        StagedRollout rollout = new StagedRollout(options, state.trial.position);
        StagedRollout.Step step = rollout.onLook(look.members(), look.control(), state.paused || state.frozen);
        StagedRollout.Position looked = rollout.position();
        StageMeasurement measurement = RolloutEvents.measurement(look.members().measured(), look.control().measured(),
                options.neededMembers(looked.devices()), rollout.verdict().orElseThrow(), rollout.failureEvidence());
        if (step instanceof StagedRollout.Step.Wait wait) {
            state.trial.position = looked;
            return hold(state, key, wait.verdict().cause() + " " + state.trial.epoch, wait.why(), measurement, now);
        }
        if (step instanceof StagedRollout.Step.Ready ready) {
            state.trial.position = looked;
            return hold(state, key, "READY " + state.trial.epoch, describe(ready.evidence(), measurement) + "; it is kept in its stage "
                    + keeper(state), measurement, now);
        }
        // The event tells of the stage that was measured, the position after it is of the one that follows.
        if (step instanceof StagedRollout.Step.Enter) {
            state.trial.position = looked;
        }
        return follow(state, key, step, "", measurement, now);
    }

    /** Takes the step that {@code step} asks for. @param why where no evidence says it */
    private List<Emission> follow(RolloutState state, ClassKey key, StagedRollout.Step step, String why, StageMeasurement measurement,
            Instant now) {
        if (step instanceof StagedRollout.Step.Enter enter) {
            String reason = enter.evidence() == null ? why : describe(enter.evidence(), measurement);
            Emission update = enter(state, key, enter.stage(), reason, now);
            return List.of(update, events.measured(Standing.of(key, state), state, RolloutDecision.PROMOTE,
                    share(enter.stage()) + " of the class take epoch " + state.trial.epoch + ": " + reason, measurement, now));
        }
        if (step instanceof StagedRollout.Step.Complete complete) {
            String reason = complete.evidence() == null ? why : describe(complete.evidence(), measurement);
            Emission.Event event = events.measured(Standing.of(key, state).at(state.highestEpoch + 1, RolloutStage.FULL,
                    RolloutMembership.BUCKETS), state, RolloutDecision.COMPLETE, reason, measurement, now);
            return List.of(complete(state, key, reason, now), event);
        }
        StagedRollout.Step.Restore restore = (StagedRollout.Step.Restore) step;
        Emission.Event event = events.measured(Standing.of(key, state).rolledBack(), state, RolloutDecision.ROLLBACK, restore.why()
                + "; epoch " + (state.highestEpoch + 1) + " restores the thresholds of epoch " + state.inForce.epoch(), measurement,
                now);
        return List.of(restore(state, key, restore.why(), now), event);
    }

    /** The next step outwards because a person says so; the answer is worded by the caller, who knows the person. */
    Emission.Thresholds promote(RolloutState state, ClassKey key, String why, Instant now) {
        StagedRollout rollout = new StagedRollout(options, state.trial.position);
        StagedRollout.Step step = rollout.promote();
        state.trial.position = rollout.position();
        return step instanceof StagedRollout.Step.Enter enter
                ? enter(state, key, enter.stage(), why, now)
                : complete(state, key, why, now);
    }

    private Emission.Thresholds enter(RolloutState state, ClassKey key, Stage stage, String reason, Instant now) {
        Policy policy = new Policy(state.nextEpoch(), state.trial.rule, true);
        state.trial.epoch = policy.epoch();
        state.waitingSince = now;
        state.lastHold = "";
        state.forgetAcknowledgements();
        return updates.stage(key, state, policy, Standing.named(stage), stage.membersPerMille(), reason, now);
    }

    private Emission.Thresholds complete(RolloutState state, ClassKey key, String reason, Instant now) {
        Policy policy = new Policy(state.nextEpoch(), state.trial.rule, true);
        Emission.Thresholds update =
                updates.stage(key, state, policy, RolloutStage.FULL, RolloutMembership.BUCKETS, reason, now);
        state.settle(policy);
        return update;
    }

    /** Brings the thresholds before back to every device; the rule is not tried again. */
    Emission.Thresholds restore(RolloutState state, ClassKey key, String why, Instant now) {
        Policy restored = new Policy(state.nextEpoch(), state.inForce.rule(), true);
        Emission.Thresholds update = updates.rollback(key, restored, state.trial.epoch, state.rolloutId, why, now);
        state.reject(state.trial.rule);
        state.settle(restored);
        return update;
    }

    /** Goes on in the stage that a published update says the trial has reached. */
    static void takeUp(RolloutState state, int membersPerMille, Instant now) {
        StagedRollout.Position old = state.trial.position;
        Optional<Stage> reached =
                Arrays.stream(Stage.values()).filter(stage -> stage.membersPerMille() == membersPerMille).findFirst();
        state.trial.epoch = state.highestEpoch;
        state.trial.position = new StagedRollout.Position(reached.orElse(old.stage()), old.devices(), old.promisingLooks(),
                new double[old.failures().length]);
        state.waitingSince = now;
    }

    private List<Emission> hold(RolloutState state, ClassKey key, String kind, String why, StageMeasurement measurement, Instant now) {
        return events.hold(Standing.of(key, state), state, kind, why, measurement, now);
    }

    private static void predict(RolloutState state, SearchResult.Propose proposal, CostModelEstimate estimate) {
        state.trial.beforeNanos = proposal.beforeNanos();
        state.trial.afterNanos = proposal.afterNanos();
        state.trial.estimate = estimate;
    }

    static String share(Stage stage) {
        return String.format(Locale.ROOT, "%.0f %%", 0.1 * stage.membersPerMille());
    }

    private String describe(StageVerdict.Evidence evidence, StageMeasurement measurement) {
        Criterion criterion = options.criterion();
        String guard = measurement.getGuardChange() == null ? "" : String.format(Locale.ROOT, "; %s, which guards, changed by %+.1f %% "
                + "(+-%.1f)", criterion.guard(), 100 * Math.expm1(measurement.getGuardChange()), 100 * measurement.getGuardHalfWidth());
        return String.format(Locale.ROOT, "the %smean changed by %+.1f %% (+-%.1f), the 95th percentile by %+.1f %% (+-%.1f), over %d "
                + "members and %d control devices%s", criterion.possessive(), 100 * Math.expm1(evidence.mean().change()),
                100 * evidence.meanHalfWidth(), 100 * Math.expm1(evidence.tail().change()), 100 * evidence.tailHalfWidth(),
                evidence.mean().members(), evidence.mean().control(), guard);
    }
}
