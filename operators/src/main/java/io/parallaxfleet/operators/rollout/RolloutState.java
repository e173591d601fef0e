package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.LatencySketch;
import io.parallaxfleet.operators.search.DelegationRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Where one class stands. Only {@link ClassRollout} changes it. Not thread-safe. */
public final class RolloutState {
    /** Rules refuted by measurement that are remembered; more would only delay trying one again. */
    static final int MAX_REJECTED = 16;

    /** No epoch handed out for the class is above this, whoever handed it out. */
    long highestEpoch;
    Policy inForce = Policy.assumed();
    /** What was in force before; null when nothing is being measured. */
    Policy previous;
    /** Null when nothing is being measured. */
    String rolloutId;
    /** A person has taken the class over, and the job publishes nothing until a later update lets it go. */
    boolean killed;
    /** The gate last reported as not met, or the hold last reported; empty at first. Keeps the topic free of repetitions. */
    String lastHold = "";
    final Set<String> applied = new HashSet<>();
    final Set<String> refused = new HashSet<>();
    final List<DelegationRule> rejected = new ArrayList<>();
    /** Latencies by epoch and model, of the epoch in force and the one before. */
    final Map<Long, Map<String, LatencySketch>> latencies = new TreeMap<>();

    boolean measuring() {
        return previous != null;
    }

    Map<String, LatencySketch> latenciesOf(long epoch) {
        return latencies.computeIfAbsent(epoch, e -> new HashMap<>());
    }

    /** Forgets the latencies of every epoch that no decision can need any more. */
    void forgetOldEpochs() {
        latencies.keySet().removeIf(
                epoch -> epoch != inForce.epoch() && (previous == null || epoch != previous.epoch()));
    }

    void reject(DelegationRule rule) {
        rejected.add(rule);
        if (rejected.size() > MAX_REJECTED) {
            rejected.remove(0);
        }
    }
}
