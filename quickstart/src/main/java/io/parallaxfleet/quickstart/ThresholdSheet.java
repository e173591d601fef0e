package io.parallaxfleet.quickstart;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.quickstart.rollout.RolloutText;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Objective;
import io.parallaxfleet.schemas.avro.RolloutStage;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.thresholds.DeviceIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The newest update of each class, and how the next one of a class is made by hand. Immutable. */
final class ThresholdSheet {
    private final SortedMap<String, ThresholdUpdate> newest = new TreeMap<>();

    /** @param published in any order */
    ThresholdSheet(List<ThresholdUpdate> published) {
        for (ThresholdUpdate update : published) {
            newest.merge(update.getDeviceClass(), update, (a, b) -> a.getEpoch() >= b.getEpoch() ? a : b);
        }
    }

    List<ThresholdUpdate> newest() {
        return List.copyOf(newest.values());
    }

    /** An update of the next epoch for all devices of the class. */
    ThresholdUpdate next(String deviceClass, DelegationPolicy policy, String issuedBy, String reason, Instant now) {
        long previous = newest.containsKey(deviceClass) ? newest.get(deviceClass).getEpoch() : 0;
        long epoch = previous + 1;
        ThresholdUpdate.Builder update = ThresholdUpdate.newBuilder()
                .setDeviceClass(deviceClass)
                .setSimulated(deviceClass.startsWith(DeviceIdentity.SIMULATED_PREFIX))
                .setEpoch(epoch)
                .setPreviousEpoch(previous)
                .setObjective(Objective.LATENCY)
                .setRolloutId(deviceClass + "-" + epoch + "-by-hand")
                .setStage(RolloutStage.FULL)
                .setMembershipPerMille(1000)
                .setKillSwitch(false)
                .setIssuedAt(now.truncatedTo(ChronoUnit.MILLIS))
                .setIssuedBy(issuedBy)
                .setReason(reason);
        if (policy instanceof DelegationPolicy.Thresholds thresholds) {
            update.setMode(DelegationMode.THRESHOLDS)
                    .setMinOperators(thresholds.minOperators())
                    .setMinMacs(thresholds.minMacs())
                    .setMaxBytesPerMac(thresholds.maxBytesPerMac());
        } else if (policy instanceof DelegationPolicy.Never) {
            // The bounds mean nothing then; these are the paper's, so that a reader that shows them shows sound ones.
            update.setMode(DelegationMode.NEVER).setMinOperators(3).setMinMacs(1_000_000_000L).setMaxBytesPerMac(0.1);
        } else {
            throw new IllegalArgumentException("only thresholds and never can be published, not " + policy.describe());
        }
        return update.build();
    }

    /** One line for people. */
    static String describe(ThresholdUpdate update) {
        if (update.getKillSwitch()) {
            return "kill switch: built-in thresholds";
        }
        return RolloutText.thresholds(update.getMode(), update.getMinOperators(), update.getMinMacs(), update.getMaxBytesPerMac());
    }
}
