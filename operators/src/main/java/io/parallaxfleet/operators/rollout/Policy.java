package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Objects;

/** A rule and the epoch it is published under. */
public record Policy(long epoch, DelegationRule rule) {
    public Policy {
        Objects.requireNonNull(rule, "rule");
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch is " + epoch + "; it must not be negative");
        }
    }

    /** What a device runs that has never heard from the fleet. */
    public static Policy builtIn() {
        return new Policy(0, DelegationRule.paper());
    }

    /**
     * What devices run that have applied the update.
     *
     * @throws IllegalArgumentException when the update's thresholds are out of range, which agents refuse too
     */
    public static Policy of(ThresholdUpdate update) {
        if (update.getKillSwitch()) {
            return new Policy(update.getEpoch(), DelegationRule.paper());
        }
        if (update.getMode() == DelegationMode.UNKNOWN) {
            throw new IllegalArgumentException("the mode of epoch " + update.getEpoch() + " is unknown to this build");
        }
        return new Policy(update.getEpoch(), update.getMode() == DelegationMode.NEVER
                ? new DelegationRule.Never()
                : new DelegationRule.Thresholds(update.getMinOperators(), update.getMinMacs(), update.getMaxBytesPerMac()));
    }
}
