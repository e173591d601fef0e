package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * One look at all devices of a task, in steps that each end when their time is used up, so that a million devices hold nobody else up.
 * Adds up by class. Not thread-safe.
 */
public final class LookInSteps {
    /** Reading the clock costs a good part of what a device does. */
    private static final int DEVICES_BETWEEN_CLOCK_READS = 16;

    /** What is done with one device. */
    public interface Visit {
        void device(String key, LookInSteps look);
    }

    private final long lookMillis;
    private final Map<ClassKey, ClassEpochs> epochs;
    private final Map<ClassKey, LookTally> tallies = new HashMap<>();
    private final Set<ClassKey> leftOut = new HashSet<>();
    private final Iterable<String> devices;
    private final Visit visit;
    private final LongSupplier nanos;
    private final long begunNanos;
    // Null before the first step: to find the keys is part of it.
    private Iterator<String> keys;
    private long longestStepNanos;

    /**
     * @param lookMillis event time of the look
     * @param epochs of every class that has any; fixed for the whole look
     * @param devices their keys; removing a device by its visit must not disturb it
     * @param nanos a clock for the steps
     */
    public LookInSteps(long lookMillis, Map<ClassKey, ClassEpochs> epochs, Iterable<String> devices, Visit visit, LongSupplier nanos) {
        this.lookMillis = lookMillis;
        this.epochs = Map.copyOf(epochs);
        this.devices = devices;
        this.visit = visit;
        this.nanos = nanos;
        this.begunNanos = nanos.getAsLong();
        // A task without devices of a class says so, or the class would wait for it.
        epochs.keySet().forEach(key -> tallies.put(key, new LookTally()));
    }

    /**
     * Goes on for about so long.
     *
     * @return whether all devices were visited
     */
    public boolean step(long budgetNanos) {
        long begun = nanos.getAsLong();
        if (keys == null) {
            keys = devices.iterator();
        }
        long used = 0;
        for (int visited = 1; keys.hasNext() && used < budgetNanos; visited++) {
            visit.device(keys.next(), this);
            if (visited % DEVICES_BETWEEN_CLOCK_READS == 0) {
                used = nanos.getAsLong() - begun;
            }
        }
        longestStepNanos = Math.max(longestStepNanos, nanos.getAsLong() - begun);
        return !keys.hasNext();
    }

    public long lookMillis() {
        return lookMillis;
    }

    public ClassEpochs epochs(ClassKey key) {
        return epochs.getOrDefault(key, ClassEpochs.NONE);
    }

    /** What was added up of the class is dropped, and nothing more is. */
    public void leaveOut(ClassKey key) {
        leftOut.add(key);
        tallies.remove(key);
    }

    public boolean leavesOut(ClassKey key) {
        return leftOut.contains(key);
    }

    /** Where a device of the class is added. */
    public LookTally tally(ClassKey key) {
        return tallies.computeIfAbsent(key, k -> new LookTally());
    }

    public void forEachTally(BiConsumer<ClassKey, LookTally> action) {
        tallies.forEach(action);
    }

    /** Time since the look began, pauses between steps included. */
    public long elapsedNanos() {
        return nanos.getAsLong() - begunNanos;
    }

    public long longestStepNanos() {
        return longestStepNanos;
    }
}
