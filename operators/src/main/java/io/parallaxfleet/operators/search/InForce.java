package io.parallaxfleet.operators.search;

import io.parallaxfleet.operators.fit.RegionShape;
import java.util.Map;
import java.util.Objects;

/**
 * What a new rule has to beat. Immutable.
 *
 * @param rule the rule in force, or the commonest where devices differ
 * @param observedShare for regions whose plans were seen the share, in [0,1], of inferences that delegate them, which overrules
 *     the rule; empty where every device is known to follow it
 */
public record InForce(DelegationRule rule, Map<RegionShape, Double> observedShare) {
    public InForce {
        Objects.requireNonNull(rule, "rule");
        observedShare = Map.copyOf(observedShare);
        for (double share : observedShare.values()) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("a share of " + share + "; it must be in [0,1]");
            }
        }
    }

    /** A published rule, which all devices follow. */
    public static InForce published(DelegationRule rule) {
        return new InForce(rule, Map.of());
    }

    /** Share of the inferences meeting the region that delegate it. */
    double delegatedShare(RegionShape region) {
        Double observed = observedShare.get(region);
        if (observed != null) {
            return observed;
        }
        return rule.delegates(region) ? 1 : 0;
    }
}
