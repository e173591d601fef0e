package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.fit.Incumbent;
import io.parallaxfleet.operators.search.DelegationRule;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.PlanPolicy;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Objects;

/**
 * A rule and its epoch.
 *
 * @param published whether an update described it; otherwise it is what the devices' plans say, or assumed until one does
 */
public record Policy(long epoch, DelegationRule rule, boolean published) {
    public Policy {
        Objects.requireNonNull(rule, "rule");
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch is " + epoch + "; it must not be negative");
        }
    }

    /** What a device is taken to run that has neither heard from the fleet nor told it. */
    public static Policy assumed() {
        return new Policy(0, DelegationRule.paper(), false);
    }

    /** What the devices run by themselves; the paper's constants where their plans do not say. */
    public static Policy of(Incumbent incumbent) {
        PlanPolicy said = incumbent.policy();
        return new Policy(incumbent.epoch(), said == null || said.getMode() == DelegationMode.UNKNOWN
                ? DelegationRule.paper()
                : DelegationRule.of(said.getMode(), said.getMinOperators(), said.getMinMacs(), said.getMaxBytesPerMac()), false);
    }

    /**
     * What devices run that have applied the update.
     *
     * @throws IllegalArgumentException when the mode is unknown or the thresholds are out of range, which agents refuse too
     */
    public static Policy of(ThresholdUpdate update) {
        if (update.getKillSwitch()) {
            return new Policy(update.getEpoch(), DelegationRule.paper(), true);
        }
        return new Policy(update.getEpoch(), DelegationRule.of(update.getMode(), update.getMinOperators(), update.getMinMacs(),
                update.getMaxBytesPerMac()), true);
    }
}
