package io.parallaxfleet.quickstart.observe;

import io.parallaxfleet.partition.DelegationPolicy;

/** What the devices of a class delegate by before anything is published. */
@FunctionalInterface
public interface StartPolicy {
    DelegationPolicy of(boolean simulated);
}
