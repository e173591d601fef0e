package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.search.InForce;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.operators.search.ThresholdSearch;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Recalibrates one class: proposes the thresholds that its cost model favours, waits for devices to acknowledge them, compares
 * latencies under the old and the new epoch, and completes the rollout or takes it back. A rollback is a new, higher epoch. Epochs
 * only grow, above every epoch ever seen on any topic. Stateless itself; thread-safe for distinct states.
 */
public final class ClassRollout {
    private final ThresholdSearch search;
    private final BeforeAfter judge;
    private final RolloutMessages messages;
    private final String issuer;

    /** @param issuer name of this job in what it publishes */
    public ClassRollout(ThresholdSearch search, BeforeAfter judge, String issuer) {
        this.search = search;
        this.judge = judge;
        this.issuer = Objects.requireNonNull(issuer, "issuer");
        this.messages = new RolloutMessages(issuer);
    }

    /** A new fit: proposes thresholds if they are worth it and nothing else is under way. */
    public List<Emission> onFit(RolloutState state, ClassFit fit, Instant now) {
        learnIncumbent(state, fit.incumbent());
        if (state.killed || state.measuring()) {
            return List.of();
        }
        ClassKey key = fit.classKey();
        if (fit.estimate() == null) {
            return hold(state, key, fit.gate(), fit.missing(), now);
        }
        InForce inForce = state.inForce.published() || fit.incumbent() == null
                ? InForce.published(state.inForce.rule())
                : new InForce(state.inForce.rule(), fit.incumbent().delegatedShare());
        SearchResult result = search.search(fit.workload(), CostModel.of(fit.estimate()), inForce, state.rejected);
        if (result instanceof SearchResult.Keep keep) {
            return hold(state, key, "KEEP " + state.inForce.epoch(), keep.why(), now);
        }
        SearchResult.Propose proposal = (SearchResult.Propose) result;
        // Once devices have moved on, nothing more is learnt about the old epoch: it must be known well enough before.
        if (!judge.knowsEnough(state.latenciesOf(state.inForce.epoch()))) {
            return hold(state, key, "BASELINE " + state.inForce.epoch(), "better thresholds are known, but too few inferences "
                    + "were measured under epoch " + state.inForce.epoch() + " to compare with", now);
        }
        Policy next = new Policy(nextEpoch(state), proposal.rule(), true);
        begin(state, next, messages.rolloutId(key, next.epoch()));
        ThresholdUpdate update = messages.proposal(key, state, proposal, fit.estimate(), now);
        return List.of(new Emission.Thresholds(update), messages.event(key, state, RolloutDecision.PROPOSE, update.getReason(),
                null, now));
    }

    /** Says that the class no longer runs as its cost model was fitted; what follows from it is for the next fits to propose. */
    public List<Emission> onDrift(RolloutState state, ClassFit fit, Instant now) {
        return fit.drift() == null
                ? List.of()
                : List.of(messages.event(fit.classKey(), state, RolloutDecision.HOLD, "drift: " + fit.drift().describe()
                        + "; intervals are twice as wide until the fit has followed, and nothing changes by this alone", null, now));
    }

    // No update says what devices start with, and a rollback of the first rollout has to bring that back.
    private static void learnIncumbent(RolloutState state, Incumbent incumbent) {
        if (incumbent == null) {
            return;
        }
        state.highestEpoch = Math.max(state.highestEpoch, incumbent.epoch());
        if (!state.inForce.published()) {
            state.inForce = Policy.of(incumbent);
            state.forgetOldEpochs();
        } else if (state.measuring() && !state.previous.published() && state.previous.epoch() == incumbent.epoch()) {
            state.previous = Policy.of(incumbent);
        }
    }

    /** A device said what it did with an update. */
    public void onAck(RolloutState state, ThresholdAck ack) {
        state.highestEpoch = Math.max(state.highestEpoch, ack.getEpoch());
        if (ack.getEpoch() != state.inForce.epoch()) {
            return;
        }
        if (ack.getOutcome() == AckOutcome.APPLIED) {
            state.applied.add(ack.getDeviceId());
            state.refused.remove(ack.getDeviceId());
        } else if (ack.getOutcome() == AckOutcome.REFUSED) {
            state.refused.add(ack.getDeviceId());
        }
    }

    /** A closed window: adds to what is known of its epoch, and decides the rollout under way once enough is. */
    public List<Emission> onWindow(RolloutState state, LatencyWindow window, Instant now) {
        state.highestEpoch = Math.max(state.highestEpoch, window.policyEpoch());
        if (window.policyEpoch() == state.inForce.epoch()
                || state.measuring() && window.policyEpoch() == state.previous.epoch()) {
            state.latenciesOf(window.policyEpoch())
                    .computeIfAbsent(window.model(), model -> new LatencySketch())
                    .merge(LatencySketch.fromBytes(window.sketch()));
        }
        return state.measuring() ? decide(state, window.classKey(), now) : List.of();
    }

    /**
     * An update on the thresholds topic. What this job published itself comes back here too and changes nothing, unless its
     * state was restored from before it published it.
     */
    public List<Emission> onUpdate(RolloutState state, ClassKey key, ThresholdUpdate update, Instant now) {
        if (update.getEpoch() <= state.highestEpoch) {
            return List.of();
        }
        state.highestEpoch = update.getEpoch();
        Policy policy;
        try {
            policy = Policy.of(update);
        } catch (IllegalArgumentException e) {
            return hold(state, key, "UNUSABLE " + update.getEpoch(),
                    "epoch " + update.getEpoch() + " of " + update.getIssuedBy() + " is unusable: " + e.getMessage(), now);
        }
        if (ownProposalOf(state, update)) {
            begin(state, policy, update.getRolloutId());
        } else {
            settle(state, policy);
            state.killed = update.getKillSwitch();
        }
        return List.of();
    }

    private boolean ownProposalOf(RolloutState state, ThresholdUpdate update) {
        return update.getIssuedBy().equals(issuer)
                && update.getPreviousEpoch() == state.inForce.epoch()
                && judge.knowsEnough(state.latenciesOf(state.inForce.epoch()));
    }

    private List<Emission> decide(RolloutState state, ClassKey key, Instant now) {
        if (state.applied.isEmpty()) {
            String why = state.refused.isEmpty()
                    ? "no device has acknowledged epoch " + state.inForce.epoch() + " yet"
                    : state.refused.size() + " devices refused epoch " + state.inForce.epoch() + " and none applied it";
            return hold(state, key, "ACKS " + state.inForce.epoch() + " " + state.refused.isEmpty(), why, now);
        }
        RolloutVerdict verdict = judge.judge(state.latenciesOf(state.previous.epoch()), state.latenciesOf(state.inForce.epoch()));
        if (verdict instanceof RolloutVerdict.Hold hold) {
            return hold(state, key, "SAMPLES " + state.inForce.epoch(), hold.why(), now);
        }
        if (verdict instanceof RolloutVerdict.Promote promote) {
            Emission complete =
                    messages.event(key, state, RolloutDecision.COMPLETE, describe(promote.evidence()), promote.evidence(), now);
            settle(state, state.inForce);
            return List.of(complete);
        }
        return rollBack(state, key, ((RolloutVerdict.Rollback) verdict).evidence(), now);
    }

    private List<Emission> rollBack(RolloutState state, ClassKey key, RolloutVerdict.Evidence evidence, Instant now) {
        Policy failed = state.inForce;
        Policy restored = new Policy(nextEpoch(state), state.previous.rule(), true);
        state.reject(failed.rule());
        Emission event = messages.event(key, state, RolloutDecision.ROLLBACK, describe(evidence) + "; epoch " + restored.epoch()
                + " restores the thresholds of epoch " + state.previous.epoch(), evidence, now);
        Emission update = new Emission.Thresholds(messages.rollback(key, state, restored, describe(evidence), now));
        // The rule is the one that was measured before, so its measurements still stand.
        Map<String, LatencySketch> known = new HashMap<>(state.latenciesOf(state.previous.epoch()));
        state.latencies.put(restored.epoch(), known);
        settle(state, restored);
        return List.of(update, event);
    }

    private List<Emission> hold(RolloutState state, ClassKey key, String kind, String why, Instant now) {
        if (state.lastHold.equals(kind)) {
            return List.of();
        }
        state.lastHold = kind;
        return List.of(messages.event(key, state, RolloutDecision.HOLD, why, null, now));
    }

    private static long nextEpoch(RolloutState state) {
        state.highestEpoch++;
        return state.highestEpoch;
    }

    private static void begin(RolloutState state, Policy next, String rolloutId) {
        state.previous = state.inForce;
        state.inForce = next;
        state.rolloutId = rolloutId;
        state.applied.clear();
        state.refused.clear();
        state.forgetOldEpochs();
    }

    private static void settle(RolloutState state, Policy inForce) {
        state.inForce = inForce;
        state.previous = null;
        state.rolloutId = null;
        state.forgetOldEpochs();
    }

    private static String describe(RolloutVerdict.Evidence evidence) {
        return String.format(Locale.ROOT, "median %.3f ms before, %.3f ms after (%+.1f %%) over %d models, %d and %d "
                + "samples", evidence.beforeP50Nanos() * 1e-6, evidence.afterP50Nanos() * 1e-6, 100 * (evidence.ratio() - 1),
                evidence.models(), evidence.beforeSamples(), evidence.afterSamples());
    }
}
