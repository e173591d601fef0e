package io.parallaxfleet.operators.rollout.staged;

import io.parallaxfleet.schemas.thresholds.RolloutMembership;
import java.util.Objects;

/**
 * New thresholds that a share of a class runs under an epoch of their own, beside the others as its control. Immutable.
 *
 * @param epoch of the stage; each stage has a new one
 * @param baselineEpoch what the rest of the class runs
 * @param sinceMillis when the stage began; what either group reports from then on is compared with its past
 */
public record Trial(String rolloutId, long epoch, long baselineEpoch, int membersPerMille, long sinceMillis) {
    public Trial {
        Objects.requireNonNull(rolloutId, "rolloutId");
        if (epoch <= baselineEpoch) {
            throw new IllegalArgumentException("epoch " + epoch + " of a trial is not above epoch " + baselineEpoch + " beside it");
        }
        if (membersPerMille < 0 || membersPerMille > RolloutMembership.BUCKETS) {
            throw new IllegalArgumentException("membersPerMille is " + membersPerMille + "; it must be in 0.." + RolloutMembership.BUCKETS);
        }
    }

    /** Whether the device takes part; it computes the same. */
    public boolean includes(String deviceId) {
        return RolloutMembership.isMember(deviceId, rolloutId, membersPerMille);
    }
}
