package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.rollout.staged.LookBoard;
import io.parallaxfleet.operators.rollout.whole.EnergyWindows;
import io.parallaxfleet.operators.rollout.whole.EpochWindows;
import io.parallaxfleet.operators.rollout.whole.PlanChanges;
import io.parallaxfleet.operators.search.DelegationRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/** Where one class stands. Only {@link ClassRollout} and the paths it takes change it. Not thread-safe. */
public final class RolloutState {
    /** Rules refuted by measurement that are remembered; more would only delay trying one again. */
    static final int MAX_REJECTED = 16;
    /** Devices whose acknowledgement is remembered; more do not change what an event says of them. */
    static final int MAX_ACKNOWLEDGED = 1000;
    /** Commands that are remembered, so that none is followed twice. */
    static final int MAX_COMMANDS = 256;

    /** No epoch handed out for the class is above this, whoever handed it out. */
    long highestEpoch;
    /** What the class runs, its members of a trial excepted. */
    Policy inForce = Policy.assumed();
    /** What was in force before a change for the whole class that is being measured; null otherwise. */
    Policy previous;
    /** A rollout in stages; null otherwise. */
    StagedTrial trial;
    /** Null when no rollout is under way. */
    String rolloutId;
    /** When the stage began, or a person was last asked for. Means nothing when no rollout is under way. */
    Instant waitingSince = Instant.EPOCH;
    /** Trials begun, for their names. */
    int trials;
    /** A trial that another life of this job began and this one knows nothing of; 0 for none. */
    long orphanEpoch;
    /** A kill switch is in force, and the job publishes nothing until a later update lets go. */
    boolean killed;
    /** A person keeps the rollout under way where it is. */
    boolean paused;
    /** A person keeps new rollouts from starting. */
    boolean pinned;
    /** Several classes regressed together, and no person has let this one go on. */
    boolean frozen;
    /** Time of the newest freeze that was heard of. */
    long freezeMillis;
    /** The gate last reported as not met, or the hold last reported; empty at first. Keeps the topic free of repetitions. */
    String lastHold = "";
    /** Looks in a row in which half of the devices failed under thresholds that the whole class took at once. */
    int failingLooks;
    final Set<String> applied = new HashSet<>();
    final Set<String> refused = new HashSet<>();
    final List<DelegationRule> rejected = new ArrayList<>();
    /** Latencies by epoch and model, of the epoch in force and the one before. */
    final Map<Long, Map<String, LatencySketch>> latencies = new TreeMap<>();
    /** The same in windows of their own, of the same epochs. */
    final Map<Long, EpochWindows> windows = new TreeMap<>();
    /** Energies, of the same epochs. */
    final Map<Long, EnergyWindows> energies = new TreeMap<>();
    /** What devices that applied the change under way say of their plans. */
    final PlanChanges planChanges = new PlanChanges();
    final LookBoard looks = new LookBoard();
    final Set<String> commands = new LinkedHashSet<>();

    /** Whether a change for the whole class is being measured. */
    boolean measuring() {
        return previous != null;
    }

    boolean underWay() {
        return measuring() || trial != null;
    }

    /** The epoch whose acknowledgements count. */
    long awaitedEpoch() {
        return trial == null ? inForce.epoch() : trial.epoch;
    }

    long nextEpoch() {
        highestEpoch++;
        return highestEpoch;
    }

    /** The whole class takes the policy, and is compared with what it was before. */
    void begin(Policy next, String id, Instant now) {
        previous = inForce;
        inForce = next;
        rolloutId = id;
        waitingSince = now;
        failingLooks = 0;
        forgetAcknowledgements();
        forgetOldEpochs();
    }

    /** Nothing is under way any more, and the policy is in force. */
    void settle(Policy policy) {
        inForce = policy;
        previous = null;
        trial = null;
        rolloutId = null;
        paused = false;
        failingLooks = 0;
        forgetAcknowledgements();
        forgetOldEpochs();
    }

    void forgetAcknowledgements() {
        applied.clear();
        refused.clear();
        planChanges.clear();
    }

    Map<String, LatencySketch> latenciesOf(long epoch) {
        return latencies.computeIfAbsent(epoch, e -> new HashMap<>());
    }

    EpochWindows windowsOf(long epoch) {
        return windows.computeIfAbsent(epoch, e -> new EpochWindows());
    }

    EnergyWindows energiesOf(long epoch) {
        return energies.computeIfAbsent(epoch, e -> new EnergyWindows());
    }

    /** Forgets the latencies of every epoch that no decision can need any more. */
    void forgetOldEpochs() {
        LongPredicate old = epoch -> epoch != inForce.epoch() && (previous == null || epoch != previous.epoch());
        latencies.keySet().removeIf(old::test);
        windows.keySet().removeIf(old::test);
        energies.keySet().removeIf(old::test);
    }

    void reject(DelegationRule rule) {
        rejected.add(rule);
        if (rejected.size() > MAX_REJECTED) {
            rejected.remove(0);
        }
    }

    /** Whether the command is new; it is not new again. */
    boolean isNew(String commandId) {
        if (!commands.add(commandId)) {
            return false;
        }
        if (commands.size() > MAX_COMMANDS) {
            commands.remove(commands.iterator().next());
        }
        return true;
    }
}
