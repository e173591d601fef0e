package io.parallaxfleet.quickstart.faults;

import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whether the job gave out every epoch once and left none out, and no device applied one twice in a life. A stage of a rollout is
 * published under its epoch again, for more devices: the same epoch for the same share is what must not come twice. Not thread-safe.
 */
final class EpochAudit {
    private record Stage(String deviceClass, long epoch, String rollout, int membershipPerMille) {}

    private record Application(String device, long epoch, String rollout) {}

    private final Map<String, TreeSet<Long>> epochs = new TreeMap<>();
    private final Set<Stage> stages = new HashSet<>();
    private final Map<Application, Integer> applied = new HashMap<>();
    private final List<String> repeated = new ArrayList<>();

    /** A committed record of the thresholds topic, in the topic's order. */
    void published(ThresholdUpdate update) {
        epochs.computeIfAbsent(update.getDeviceClass(), name -> new TreeSet<>()).add(update.getEpoch());
        Stage stage = new Stage(update.getDeviceClass(), update.getEpoch(), update.getRolloutId() + "/" + update.getStage(),
                update.getMembershipPerMille());
        if (!stages.add(stage)) {
            repeated.add("published twice: " + stage);
        }
    }

    /** What a device said. */
    void acknowledged(ThresholdAck ack) {
        if (ack.getOutcome() == AckOutcome.APPLIED) {
            applied.merge(new Application(ack.getDeviceId(), ack.getEpoch(), ack.getRolloutId()), 1, Integer::sum);
        }
    }

    int publishedEpochs() {
        return epochs.values().stream().mapToInt(Set::size).sum();
    }

    long applications() {
        return applied.values().stream().mapToLong(Integer::longValue).sum();
    }

    /** @param lives how often the devices were started: each life applies what holds when it begins */
    List<String> differences(int lives) {
        List<String> differences = new ArrayList<>(repeated);
        epochs.forEach((deviceClass, given) -> {
            for (long epoch = given.first(); epoch < given.last(); epoch++) {
                if (!given.contains(epoch)) {
                    differences.add("skipped: epoch " + epoch + " of " + deviceClass);
                }
            }
        });
        applied.forEach((application, times) -> {
            if (times > lives) {
                differences.add("applied " + times + " times in " + lives + " lives: " + application);
            }
            if (epochs.values().stream().noneMatch(given -> given.contains(application.epoch()))) {
                differences.add("applied but never published: " + application);
            }
        });
        return differences;
    }
}
