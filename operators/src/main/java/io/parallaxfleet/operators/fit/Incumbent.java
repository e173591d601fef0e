package io.parallaxfleet.operators.fit;

import io.parallaxfleet.schemas.avro.PlanPolicy;
import java.util.Map;

/**
 * What the devices of a class run by themselves, as their plans say: the only word on an epoch that no update described. Devices
 * of one class may differ there, so every region has the share of inferences that really delegated it.
 *
 * @param epoch the one that most inferences ran under
 * @param policy the rule of most of that epoch's inferences; null where no plan says its rule
 * @param delegatedShare for each region of that epoch's plans the share, in [0,1], of the inferences meeting it that delegated it
 */
public record Incumbent(long epoch, PlanPolicy policy, Map<RegionShape, Double> delegatedShare) {
    public Incumbent {
        delegatedShare = Map.copyOf(delegatedShare);
    }
}
