package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.rollout.staged.LookBoard;
import io.parallaxfleet.operators.rollout.whole.ControlledChange;
import io.parallaxfleet.operators.rollout.whole.ControlledJudge;
import io.parallaxfleet.operators.rollout.whole.ControlledVerdict;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * New thresholds for a class that is too small for a control of other devices: all take them at once. The models whose plan changed are
 * compared with those that kept theirs, or, where there are none of these, the class with its own past. Stateless itself; thread-safe for distinct states.
 */
final class WholeClassPath {
    /** Looks in a row in which half of the devices fail that take thresholds back; one may be an accident. */
    static final int FAILING_LOOKS = 2;

    private final BeforeAfter judge;
    private final ControlledJudge controlled;
    private final Objective objective;
    private final double guardWorseBy;
    private final ThresholdUpdates updates;
    private final RolloutEvents events;

    WholeClassPath(RolloutOptions options, ThresholdUpdates updates, RolloutEvents events) {
        this.judge = options.judge();
        this.objective = options.objective();
        this.guardWorseBy = options.guardWorseBy();
        this.controlled = ControlledJudge.of(judge.minSamplesPerModel(), judge.minCoverage(), judge.worseByToRollBack(),
                options.objective(), options.guardWorseBy());
        this.updates = updates;
        this.events = events;
    }

    /** Publishes what the search found, if the epoch in force is known well enough to be compared with. */
    List<Emission> propose(RolloutState state, ClassKey key, SearchResult.Propose proposal, CostModelEstimate estimate, Instant now) {
        // Once devices have moved on, nothing more is learnt about the old epoch: it must be known well enough before.
        if (!judge.knowsEnough(state.latenciesOf(state.inForce.epoch()))) {
            return events.hold(Standing.of(key, state), state, "BASELINE " + state.inForce.epoch(), "better thresholds are known, but "
                    + "too few inferences were measured under epoch " + state.inForce.epoch() + " to compare with", null, now);
        }
        Policy next = new Policy(state.nextEpoch(), proposal.rule(), true);
        state.begin(next, Standing.wholeClassId(key, next.epoch()), now);
        Emission.Thresholds update = updates.proposal(key, state, proposal, estimate, now);
        return List.of(update, events.event(Standing.of(key, state), state, RolloutDecision.PROPOSE, update.update().getReason(), now));
    }

    /** Decides by the latencies of both epochs once there are enough. */
    List<Emission> decide(RolloutState state, ClassKey key, Instant now) {
        long epoch = state.inForce.epoch();
        if (state.applied.isEmpty()) {
            String why = state.refused.isEmpty()
                    ? "no device has acknowledged epoch " + epoch + " yet"
                    : state.refused.size() + " devices refused epoch " + epoch + " and none applied it";
            return hold(state, key, "ACKS " + epoch + " " + state.refused.isEmpty(), why, now);
        }
        RolloutVerdict ownPast = judge.judge(state.latenciesOf(state.previous.epoch()), state.latenciesOf(epoch));
        ControlledVerdict verdict = controlled.judge(epoch(state, state.previous.epoch()), epoch(state, epoch), state.planChanges);
        if (verdict instanceof ControlledVerdict.NoControl none) {
            return byOwnPast(state, key, ownPast, none.why(), now);
        }
        if (verdict instanceof ControlledVerdict.Hold hold) {
            return events.holdComparing(Standing.of(key, state), state, "CONTROLLED " + epoch + " " + (hold.change() == null), hold.why(),
                    new RolloutEvents.Compared(evidence(ownPast), hold.change(), hold.energy()), now);
        }
        if (verdict instanceof ControlledVerdict.Rollback rollback) {
            return rollBack(state, key, rollback.why(),
                    new RolloutEvents.Compared(evidence(ownPast), rollback.change(), rollback.energy()), now);
        }
        ControlledVerdict.Promote promote = (ControlledVerdict.Promote) verdict;
        return settle(state, key, promote.change().describe() + "; " + promote.energy().describe(),
                new RolloutEvents.Compared(evidence(ownPast), promote.change(), promote.energy()), now);
    }

    private static ControlledJudge.Epoch epoch(RolloutState state, long epoch) {
        return new ControlledJudge.Epoch(state.windowsOf(epoch), state.energiesOf(epoch));
    }

    private List<Emission> byOwnPast(RolloutState state, ClassKey key, RolloutVerdict verdict, String noControl, Instant now) {
        String how = "; by the class's own past only, without a control: " + noControl;
        if (verdict instanceof RolloutVerdict.Hold hold) {
            return hold(state, key, "SAMPLES " + state.inForce.epoch(), hold.why() + how, now);
        }
        RolloutVerdict.Evidence evidence = evidence(verdict);
        if (verdict instanceof RolloutVerdict.Rollback rollback
                && (objective == Objective.LATENCY || evidence.surelyAboveRatio() > 1 + guardWorseBy)) {
            return rollBack(state, key, describe(rollback.evidence()) + how, new RolloutEvents.Compared(rollback.evidence(), null, null), now);
        }
        if (objective != Objective.LATENCY) {
            // Latency alone does not say whether the objective was reached.
            return hold(state, key, "OBJECTIVE " + state.inForce.epoch(), describe(evidence) + how + "; the objective is " + objective
                    + ", which cannot be judged without a control: promote or abort it", now);
        }
        return settle(state, key, describe(evidence) + how, new RolloutEvents.Compared(evidence, null, null), now);
    }

    private List<Emission> settle(RolloutState state, ClassKey key, String why, RolloutEvents.Compared compared, Instant now) {
        if (state.paused || state.frozen) {
            return events.holdComparing(Standing.of(key, state), state, "READY " + state.inForce.epoch(),
                    why + "; it is kept open " + StagedPath.keeper(state), compared, now);
        }
        return complete(state, key,
                events.compared(Standing.of(key, state), state, RolloutDecision.COMPLETE, why, compared, now));
    }

    private static RolloutVerdict.Evidence evidence(RolloutVerdict verdict) {
        if (verdict instanceof RolloutVerdict.Promote promote) {
            return promote.evidence();
        }
        return verdict instanceof RolloutVerdict.Rollback rollback ? rollback.evidence() : ((RolloutVerdict.Hold) verdict).evidence();
    }

    /** Takes thresholds back that make devices fail: latencies are only known of those that do not. */
    List<Emission> onLook(RolloutState state, ClassKey key, LookBoard.Look look, Instant now) {
        int ran = look.control().ran();
        int failing = look.control().failing();
        state.failingLooks = ran > 0 && 2 * failing >= ran ? state.failingLooks + 1 : 0;
        return state.failingLooks < FAILING_LOOKS ? List.of() : rollBack(state, key, failing + " of " + ran
                + " devices that did not fail before fail, " + FAILING_LOOKS + " looks in a row", RolloutEvents.Compared.NOTHING, now);
    }

    /** Ends the comparison with the new thresholds in force. */
    List<Emission> complete(RolloutState state, ClassKey key, Emission.Event answer) {
        state.settle(state.inForce);
        return List.of(answer);
    }

    private List<Emission> rollBack(RolloutState state, ClassKey key, String why, RolloutEvents.Compared compared, Instant now) {
        Emission.Event event = events.compared(Standing.of(key, state).rolledBack(), state, RolloutDecision.ROLLBACK,
                why + "; epoch " + (state.highestEpoch + 1) + " restores the thresholds of epoch " + state.previous.epoch(), compared,
                now);
        return restore(state, key, why, event, now);
    }

    /** Publishes the thresholds before under a higher epoch. @param event what is said of it */
    List<Emission> restore(RolloutState state, ClassKey key, String why, Emission.Event event, Instant now) {
        Policy failed = state.inForce;
        Policy restored = new Policy(state.nextEpoch(), state.previous.rule(), true);
        state.reject(failed.rule());
        Emission update = updates.rollback(key, restored, failed.epoch(), state.rolloutId, why, now);
        // The rule is the one that was measured before, so its measurements still stand.
        Map<String, LatencySketch> known = new HashMap<>(state.latenciesOf(state.previous.epoch()));
        state.latencies.put(restored.epoch(), known);
        state.windows.put(restored.epoch(), state.windowsOf(state.previous.epoch()));
        state.energies.put(restored.epoch(), state.energiesOf(state.previous.epoch()));
        state.settle(restored);
        return List.of(update, event);
    }

    private List<Emission> hold(RolloutState state, ClassKey key, String kind, String why, Instant now) {
        return events.hold(Standing.of(key, state), state, kind, why, null, now);
    }

    private static String describe(RolloutVerdict.Evidence evidence) {
        return String.format(Locale.ROOT, "median %.3f ms before, %.3f ms after (%+.1f %%) over %d models, %d and %d "
                + "samples", evidence.beforeP50Nanos() * 1e-6, evidence.afterP50Nanos() * 1e-6, 100 * (evidence.ratio() - 1),
                evidence.models(), evidence.beforeSamples(), evidence.afterSamples());
    }
}
