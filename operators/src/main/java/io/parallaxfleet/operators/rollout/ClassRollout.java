package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.rollout.staged.LookBoard;
import io.parallaxfleet.operators.rollout.staged.LookPart;
import io.parallaxfleet.operators.search.InForce;
import io.parallaxfleet.operators.search.SearchOptions;
import io.parallaxfleet.operators.search.SearchResult;
import io.parallaxfleet.operators.search.ThresholdSearch;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.RolloutAction;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Recalibrates one class: proposes the thresholds that its cost model favours and takes them through stages beside a control, or,
 * where the class is too small for one, to all devices at once against the class's own past. A rollback is a new, higher epoch. Epochs
 * only grow, above every epoch ever seen on any topic. Stateless itself; thread-safe for distinct states.
 */
public final class ClassRollout {
    /** Share of a class's devices that must have a past before a trial starts: one that starts without never gets one. */
    private static final double MIN_SHARE_WITH_PAST = 0.5;

    private final ThresholdSearch search;
    private final RolloutOptions options;
    private final RolloutEvents events;
    private final WholeClassPath whole;
    private final StagedPath staged;
    private final RolloutControl control;
    private final UpdateIntake intake;

    /** @param issuer name of this job in what it publishes */
    public ClassRollout(RolloutOptions options, String issuer) {
        this.options = Objects.requireNonNull(options, "options");
        Objects.requireNonNull(issuer, "issuer");
        this.search = new ThresholdSearch(
                new SearchOptions(options.minImprovement(), SearchOptions.DEFAULT_MAX_MODEL_REGRET, options.objective()));
        ThresholdUpdates updates = new ThresholdUpdates(issuer, options.objective());
        this.events = new RolloutEvents(issuer, options.objective());
        this.whole = new WholeClassPath(options, updates, events);
        this.staged = new StagedPath(options.staged(), updates, events);
        this.control = new RolloutControl(staged, whole, updates, events);
        this.intake = new UpdateIntake(options.judge(), issuer, updates, events);
    }

    /** A new fit: proposes thresholds if they are worth it and nothing else is under way, or scores those in shadow. */
    public List<Emission> onFit(RolloutState state, ClassFit fit, Instant now) {
        learnIncumbent(state, fit.incumbent());
        ClassKey key = fit.classKey();
        if (state.orphanEpoch > 0) {
            return intake.takeBackOrphan(state, key, now);
        }
        boolean inShadow = state.trial != null && state.trial.inShadow();
        if (state.killed || state.pinned || state.underWay() && !inShadow) {
            return List.of();
        }
        if (fit.estimate() == null) {
            return hold(state, key, fit.gate(), fit.missing(), now);
        }
        InForce inForce = state.inForce.published() || fit.incumbent() == null
                ? InForce.published(state.inForce.rule())
                : new InForce(state.inForce.rule(), fit.incumbent().delegatedShare());
        CostModel model = CostModel.of(fit.estimate());
        if (inShadow) {
            return staged.onShadow(state, key, search.score(state.trial.rule, fit.workload(), model, fit.energy(), inForce),
                    fit.estimate(), now);
        }
        SearchResult result = search.search(fit.workload(), model, fit.energy(), inForce, state.rejected);
        if (result instanceof SearchResult.Keep keep) {
            return hold(state, key, "KEEP " + state.inForce.epoch(), keep.why(), now);
        }
        return propose(state, fit, (SearchResult.Propose) result, now);
    }

    private List<Emission> propose(RolloutState state, ClassFit fit, SearchResult.Propose proposal, Instant now) {
        ClassKey key = fit.classKey();
        if (state.frozen) {
            return hold(state, key, "FROZEN", "better thresholds are known, and not proposed " + StagedPath.keeper(state), now);
        }
        if (!state.looks.counted()) {
            return hold(state, key, "CENSUS", "better thresholds are known, but the class's devices have not been counted yet", now);
        }
        int devices = state.looks.devices();
        if (options.staged().measurableStages(devices).isEmpty()) {
            return whole.propose(state, key, proposal, fit.estimate(), now);
        }
        int withPast = state.looks.withPast();
        if (withPast < MIN_SHARE_WITH_PAST * devices || options.staged().measurableStages(withPast).isEmpty()) {
            return hold(state, key, "PAST " + state.inForce.epoch(), "better thresholds are known, but only " + withPast + " of "
                    + devices + " devices have a past " + (options.staged().criterion().needsEnergy() ? "with their energy, which the objective "
                    + options.objective() + " needs, " : "") + "to be compared with", now);
        }
        return staged.propose(state, key, withPast, proposal, fit.estimate(), now);
    }

    /** Says that the class no longer runs as its cost model was fitted; what follows from it is for the next fits to propose. */
    public List<Emission> onDrift(RolloutState state, ClassFit fit, Instant now) {
        return fit.drift() == null
                ? List.of()
                : List.of(events.event(Standing.of(fit.classKey(), state), state, RolloutDecision.HOLD, "drift: " + fit.drift().describe()
                        + "; until the fit has followed intervals are twice as wide and the devices are asked to explore more; no thresholds"
                        + " change by this alone", now));
    }

    // No update says what devices start with, and a rollback of the first rollout has to bring that back.
    private static void learnIncumbent(RolloutState state, Incumbent incumbent) {
        if (incumbent == null) {
            return;
        }
        state.highestEpoch = Math.max(state.highestEpoch, incumbent.epoch());
        if (state.trial != null || state.orphanEpoch > 0 && incumbent.epoch() == state.orphanEpoch) {
            // In a wide stage most inferences are the members', who run what is on trial.
            return;
        }
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
        if (!state.underWay() || ack.getEpoch() != state.awaitedEpoch()) {
            return;
        }
        if (ack.getOutcome() == AckOutcome.APPLIED) {
            if (remember(state.applied, ack)) {
                state.planChanges.add(ack);
            }
            state.refused.remove(ack.getDeviceId());
        } else if (ack.getOutcome() == AckOutcome.REFUSED) {
            remember(state.refused, ack);
        }
    }

    // Whether the device is new among them.
    private static boolean remember(Set<String> devices, ThresholdAck ack) {
        return devices.size() < RolloutState.MAX_ACKNOWLEDGED && devices.add(ack.getDeviceId());
    }

    /** A closed window: adds to what is known of its epoch, and decides a change for the whole class once enough is. */
    public List<Emission> onWindow(RolloutState state, LatencyWindow window, Instant now) {
        state.highestEpoch = Math.max(state.highestEpoch, window.policyEpoch());
        if (window.policyEpoch() == state.inForce.epoch()
                || state.measuring() && window.policyEpoch() == state.previous.epoch()) {
            LatencySketch latencies = LatencySketch.fromBytes(window.sketch());
            state.latenciesOf(window.policyEpoch()).computeIfAbsent(window.model(), model -> new LatencySketch()).merge(latencies);
            state.windowsOf(window.policyEpoch()).add(window.windowEndMillis(), window.model(), latencies);
            if (window.energy() != null) {
                state.energiesOf(window.policyEpoch()).add(window.windowEndMillis(), window.model(), window.energy().source(),
                        window.energy().samples(), window.energy().meanMicrojoules());
            }
        }
        return state.measuring() ? whole.decide(state, window.classKey(), now) : List.of();
    }

    /** What one task says of its devices at a look: the class is looked at once all tasks have said it. */
    public List<Emission> onLook(RolloutState state, LookPart part, Instant now) {
        state.looks.add(part);
        if (!state.underWay() || state.trial != null && state.trial.inShadow()) {
            return List.of();
        }
        Optional<LookBoard.Look> look = state.looks.whole(part.lookMillis(), state.awaitedEpoch());
        if (look.isEmpty()) {
            return List.of();
        }
        if (state.trial == null) {
            return whole.onLook(state, part.classKey(), look.get(), now);
        }
        if (part.lookMillis() <= state.trial.judgedLookMillis) {
            return List.of();
        }
        state.trial.judgedLookMillis = part.lookMillis();
        return staged.onLook(state, part.classKey(), look.get(), now);
    }

    /** A person asks for something. */
    public List<Emission> onCommand(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        return control.follow(state, key, command, now);
    }

    /** A person asked the whole fleet, before this class was known. Only a freeze lasts. */
    public List<Emission> onEarlierFleetCommand(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        return command.getAction() == RolloutAction.FREEZE ? onCommand(state, key, command, now) : List.of();
    }

    /** Several classes regressed together: nothing goes further until a person releases this class. Heard again it is the same. */
    public List<Emission> onFreeze(RolloutState state, ClassKey key, Freeze freeze, Instant now) {
        if (freeze.atMillis() <= state.freezeMillis) {
            return List.of();
        }
        state.freezeMillis = freeze.atMillis();
        state.frozen = true;
        return List.of(events.event(Standing.of(key, state), state, RolloutDecision.FREEZE, freeze.why(), now));
    }

    /** When a person is to be asked what becomes of the rollout under way; empty without one. */
    public Optional<Instant> asksAt(RolloutState state) {
        return state.underWay() ? Optional.of(state.waitingSince.plus(options.patience())) : Optional.empty();
    }

    /** Time went by: a rollout that could not be decided asks for a person. It stays where it is. */
    public List<Emission> onTime(RolloutState state, ClassKey key, Instant now) {
        if (asksAt(state).filter(at -> !now.isBefore(at)).isEmpty()) {
            return List.of();
        }
        if (state.waitingSince.equals(Instant.EPOCH)) {
            // Saved by a build that did not ask.
            state.waitingSince = now;
            return List.of();
        }
        state.waitingSince = now;
        return List.of(events.event(Standing.of(key, state), state, RolloutDecision.HOLD, "not decided for " + options.patience()
                + ", a person is needed: promote or abort it" + (state.paused || state.frozen
                        ? "; it is kept where it is " + StagedPath.keeper(state)
                        : ""), now));
    }

    /**
     * An update on the thresholds topic. What this job published itself comes back here too and changes nothing, unless its
     * state was restored from before it published it.
     */
    public List<Emission> onUpdate(RolloutState state, ClassKey key, ThresholdUpdate update, Instant now) {
        return intake.onUpdate(state, key, update, now);
    }

    private List<Emission> hold(RolloutState state, ClassKey key, String kind, String why, Instant now) {
        return events.hold(Standing.of(key, state), state, kind, why, null, now);
    }
}
