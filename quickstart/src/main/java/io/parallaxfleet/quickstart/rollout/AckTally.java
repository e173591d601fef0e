package io.parallaxfleet.quickstart.rollout;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Counts the devices of each class that applied or refused the epoch they are asked to run now. Not thread-safe. */
public final class AckTally {
    private final Map<String, Long> epochs = new HashMap<>();
    private final Map<String, Set<String>> applied = new HashMap<>();
    private final Map<String, Set<String>> refused = new HashMap<>();

    public AckTally(RolloutBook book) {
        book.classes().forEach(one -> epochs.put(one.deviceClass(), one.epoch()));
    }

    /** An acknowledgement of another epoch changes nothing; of the same device the later one counts. */
    public void add(ThresholdAck ack) {
        if (!Long.valueOf(ack.getEpoch()).equals(epochs.get(ack.getDeviceClass()))) {
            return;
        }
        if (ack.getOutcome() == AckOutcome.APPLIED) {
            devices(applied, ack).add(ack.getDeviceId());
            devices(refused, ack).remove(ack.getDeviceId());
        } else if (ack.getOutcome() == AckOutcome.REFUSED) {
            devices(refused, ack).add(ack.getDeviceId());
        }
    }

    public int applied(String deviceClass) {
        return applied.getOrDefault(deviceClass, Set.of()).size();
    }

    public int refused(String deviceClass) {
        return refused.getOrDefault(deviceClass, Set.of()).size();
    }

    private static Set<String> devices(Map<String, Set<String>> of, ThresholdAck ack) {
        return of.computeIfAbsent(ack.getDeviceClass(), ignored -> new HashSet<>());
    }
}
