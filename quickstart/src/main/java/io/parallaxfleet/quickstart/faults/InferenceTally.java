package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Two counts of the same inferences that share no code: one over the telemetry itself, one over the aggregates that the job
 * committed. Not thread-safe.
 */
final class InferenceTally {
    /** What both count by. */
    record Group(String deviceClass, String model, long policyEpoch, boolean explored) implements Comparable<Group> {
        @Override
        public int compareTo(Group other) {
            return toString().compareTo(other.toString());
        }
    }

    private record Inference(String device, String session, long sequence) {}

    private record Window(Group group, long startMillis) {}

    private final Set<Inference> seen = new HashSet<>();
    private final Set<Window> windows = new HashSet<>();
    private final Map<Group, Long> sent = new TreeMap<>();
    private final Map<Group, Long> counted = new TreeMap<>();
    private long redelivered;
    private final List<String> repeatedWindows = new ArrayList<>();

    /** A record of the telemetry topic; the same inference again is no new one. */
    void sent(InferenceTelemetry record) {
        if (!seen.add(new Inference(record.getDeviceId(), record.getSessionId(), record.getSequence()))) {
            redelivered++;
            return;
        }
        sent.merge(new Group(record.getDeviceClass(), record.getModel(), record.getPolicyEpoch(), record.getExplored()), 1L, Long::sum);
    }

    /** A committed record of the aggregates topic; those of single branches, and of long windows over short ones, are not counted. */
    void counted(ClassAggregate window) {
        if (window.getBranch() != null || window.getRollup()) {
            return;
        }
        Group group = new Group(window.getDeviceClass(), window.getModel(), window.getPolicyEpoch(), window.getExplored());
        if (!windows.add(new Window(group, window.getWindowStart().toEpochMilli()))) {
            repeatedWindows.add(group + " at " + window.getWindowStart());
        }
        long inferences = window.getCount() + window.getColdCount() + window.getInvalidCount() + window.getFallbackCount();
        counted.merge(group, inferences, Long::sum);
    }

    /** Distinct inferences whose record is on the telemetry topic. */
    long sent() {
        return sent.values().stream().mapToLong(Long::longValue).sum();
    }

    long counted() {
        return counted.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Records on the topic that repeat another. */
    long redelivered() {
        return redelivered;
    }

    int windows() {
        return windows.size();
    }

    /** Every group that was not counted exactly once, and every window that was published twice; empty when all is well. */
    List<String> differences() {
        List<String> differences = new ArrayList<>(repeatedWindows.stream().map(window -> "published twice: " + window).toList());
        Set<Group> groups = new TreeSet<>(sent.keySet());
        groups.addAll(counted.keySet());
        for (Group group : groups) {
            long there = sent.getOrDefault(group, 0L);
            long here = counted.getOrDefault(group, 0L);
            if (there != here) {
                differences.add(group + ": " + there + " inferences, " + here + " counted");
            }
        }
        return differences;
    }
}
