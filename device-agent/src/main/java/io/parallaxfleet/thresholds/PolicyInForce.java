package io.parallaxfleet.thresholds;

import io.parallaxfleet.partition.DelegationPolicy;
import java.util.Objects;

/**
 * The delegation policy a device acts on.
 *
 * @param epoch epoch of the update it came with; 0: no update, the device's own
 * @param rolloutId the rollout it came with; empty for the device's own
 * @param origin where it comes from
 */
public record PolicyInForce(DelegationPolicy policy, long epoch, String rolloutId, Origin origin) {
    /** Where a policy comes from. */
    public enum Origin {
        /** The paper's constants, or those of the command line. */
        BUILT_IN,
        /** A published update. */
        PUBLISHED,
        /** The paper's constants because a kill switch said so. */
        KILL_SWITCH
    }

    public PolicyInForce {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(rolloutId, "rolloutId");
        Objects.requireNonNull(origin, "origin");
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch is " + epoch + "; it must be >= 0");
        }
    }

    /** The device's own start policy, epoch 0. */
    public static PolicyInForce builtIn(DelegationPolicy policy) {
        return new PolicyInForce(policy, 0, "", Origin.BUILT_IN);
    }
}
