package io.parallaxfleet.schemas.thresholds;

import io.parallaxfleet.schemas.avro.ThresholdUpdate;

/**
 * Record keys of the compacted thresholds topic. What the whole class runs is kept under the class's name; what only a share of it
 * tries, under a key beside it. Under one key compaction would leave the trial alone, and a device that joins late and is no member
 * would not learn what its class runs. Epochs grow over both keys together, and a device runs the highest it is a member of: a trial
 * that has ended is stale for everybody once the whole class has a higher epoch.
 */
public final class ThresholdKeys {
    /** No class name ends with it. */
    public static final String CANDIDATE_SUFFIX = "#candidate";

    private ThresholdKeys() {}

    /** The key to publish the update under. */
    public static String of(ThresholdUpdate update) {
        return isCandidate(update) ? candidate(update.getDeviceClass()) : baseline(update.getDeviceClass());
    }

    /** Whether the update is for a share of its class only. A kill switch is for everybody, whatever share it names. */
    public static boolean isCandidate(ThresholdUpdate update) {
        return !update.getKillSwitch() && update.getMembershipPerMille() < RolloutMembership.BUCKETS;
    }

    /** Key of what the whole class runs. */
    public static String baseline(String deviceClass) {
        return deviceClass;
    }

    /** Key of what a share of the class tries. */
    public static String candidate(String deviceClass) {
        return deviceClass + CANDIDATE_SUFFIX;
    }
}
