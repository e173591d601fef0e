package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Follows what people ask for. Every command is answered by one event in the name of its author, the ones that cannot be followed by
 * REFUSE with the reason; a command that comes again is passed over. Stateless itself; thread-safe for distinct states.
 */
final class RolloutControl {
    private final StagedPath staged;
    private final WholeClassPath whole;
    private final ThresholdUpdates updates;
    private final RolloutEvents events;

    RolloutControl(StagedPath staged, WholeClassPath whole, ThresholdUpdates updates, RolloutEvents events) {
        this.staged = staged;
        this.whole = whole;
        this.updates = updates;
        this.events = events;
    }

    List<Emission> follow(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        if (!state.isNew(command.getCommandId())) {
            return List.of();
        }
        Optional<String> objection = objection(state, command);
        if (objection.isPresent()) {
            return List.of(answer(Standing.of(key, state), state, RolloutDecision.REFUSE, command, "refused: " + objection.get(), now));
        }
        return switch (command.getAction()) {
            case PAUSE -> pause(state, key, command, now);
            case RESUME -> resume(state, key, command, now);
            case PROMOTE -> promote(state, key, command, now);
            case ABORT -> abort(state, key, command, now);
            case PIN -> pin(state, key, command, now);
            case UNPIN -> unpin(state, key, command, now);
            case RELEASE -> release(state, key, command, now);
            case FREEZE -> freeze(state, key, command, now);
            case UNFREEZE -> unfreeze(state, key, command, now);
            case UNKNOWN -> throw new IllegalArgumentException("command " + command.getCommandId()
                    + " has an action unknown to this build; it should have been dead-lettered");
        };
    }

    // What stands in the way of the command; empty where nothing does.
    private static Optional<String> objection(RolloutState state, RolloutCommand command) {
        if (command.getRolloutId() != null && !command.getRolloutId().equals(state.rolloutId)) {
            return Optional.of(state.rolloutId == null
                    ? "rollout " + command.getRolloutId() + " is not under way any more"
                    : "rollout " + command.getRolloutId() + " was meant, " + state.rolloutId + " is under way");
        }
        return switch (command.getAction()) {
            case PAUSE -> notUnderWay(state).or(() -> when(state.paused, "the rollout is paused already"));
            case RESUME -> notUnderWay(state).or(() -> when(!state.paused, "the rollout is not paused"));
            case PROMOTE -> notUnderWay(state).or(() -> when(state.frozen, "the class is frozen; release it first"));
            case ABORT -> notUnderWay(state);
            case UNPIN -> when(!state.pinned, "the class is not pinned");
            case RELEASE -> when(!state.frozen, "the class is not frozen");
            // Every class answers what the whole fleet is asked, wherever it stands.
            case PIN, FREEZE, UNFREEZE, UNKNOWN -> Optional.empty();
        };
    }

    private static Optional<String> notUnderWay(RolloutState state) {
        return when(!state.underWay(), "no rollout is under way");
    }

    private static Optional<String> when(boolean so, String objection) {
        return so ? Optional.of(objection) : Optional.empty();
    }

    private List<Emission> pause(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        state.paused = true;
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.PAUSE, command,
                "paused; what turns out harmful is still taken back", now));
    }

    private List<Emission> resume(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        state.paused = false;
        state.lastHold = "";
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.RESUME, command, "resumed", now));
    }

    private List<Emission> promote(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        if (state.measuring()) {
            return whole.complete(state, key, answer(Standing.of(key, state), state, RolloutDecision.COMPLETE, command,
                    "completed without waiting for more measurements", now));
        }
        Standing before = Standing.of(key, state);
        Emission.Thresholds update = staged.promote(state, key, said(command), now);
        boolean complete = state.trial == null;
        Standing after = complete
                ? before.at(state.inForce.epoch(), RolloutStage.FULL, RolloutMembership.BUCKETS)
                : Standing.of(key, state);
        return List.of(update, answer(after, state, complete ? RolloutDecision.COMPLETE : RolloutDecision.PROMOTE, command,
                "promoted to epoch " + update.update().getEpoch() + " without waiting for more measurements", now));
    }

    private List<Emission> abort(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        Standing before = Standing.of(key, state);
        if (state.trial != null && state.trial.inShadow()) {
            state.reject(state.trial.rule);
            state.settle(state.inForce);
            return List.of(answer(before, state, RolloutDecision.ABORT, command, "dropped in shadow, nothing was applied", now));
        }
        long restored = state.highestEpoch + 1;
        Emission.Event event = answer(before.rolledBack(), state, RolloutDecision.ABORT, command,
                "epoch " + restored + " restores the thresholds before", now);
        return state.measuring()
                ? whole.restore(state, key, said(command), event, now)
                : List.of(staged.restore(state, key, said(command), now), event);
    }

    private List<Emission> pin(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        Standing before = Standing.of(key, state);
        boolean touched = state.trial != null && !state.trial.inShadow();
        PlanPolicy wanted = command.getThresholds();
        DelegationRule rule = wanted == null ? state.inForce.rule()
                : DelegationRule.of(wanted.getMode(), wanted.getMinOperators(), wanted.getMinMacs(), wanted.getMaxBytesPerMac());
        List<Emission> emissions = new ArrayList<>();
        Policy pinned = state.inForce;
        // Members of a trial have moved on, and only a higher epoch brings them back.
        if (wanted != null || touched) {
            long previous = state.awaitedEpoch();
            pinned = new Policy(state.nextEpoch(), rule, true);
            emissions.add(updates.byHand(key, pinned, previous, Standing.wholeClassId(key, pinned.epoch()), command.getActor(),
                    command.getReason(), now));
        }
        state.settle(pinned);
        state.pinned = true;
        Standing after = new Standing(key, before.rolloutId(), pinned.epoch(), RolloutStage.FULL, RolloutMembership.BUCKETS, null,
                before.before(), rule);
        emissions.add(answer(after, state, RolloutDecision.PIN, command, "pinned at epoch " + pinned.epoch() + ", "
                + rule.describe() + "; no rollout starts until it is unpinned", now));
        return emissions;
    }

    private List<Emission> unpin(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        state.pinned = false;
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.UNPIN, command, "rollouts may start again", now));
    }

    private List<Emission> release(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        state.frozen = false;
        state.lastHold = "";
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.RELEASE, command, "the class goes on", now));
    }

    private List<Emission> freeze(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        boolean already = state.frozen;
        state.frozen = true;
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.FREEZE, command, "the whole fleet is frozen"
                + (already ? ", this class was already" : "") + "; what turns out harmful is still taken back", now));
    }

    private List<Emission> unfreeze(RolloutState state, ClassKey key, RolloutCommand command, Instant now) {
        boolean frozen = state.frozen;
        state.frozen = false;
        state.lastHold = "";
        return List.of(answer(Standing.of(key, state), state, RolloutDecision.RELEASE, command, "the whole fleet goes on"
                + (frozen ? "" : ", this class was not frozen"), now));
    }

    private Emission.Event answer(Standing standing, RolloutState state, RolloutDecision decision, RolloutCommand command,
            String effect, Instant now) {
        return events.answer(standing, state, decision, command, effect, now);
    }

    private static String said(RolloutCommand command) {
        return command.getActor() + ": " + command.getReason();
    }
}
