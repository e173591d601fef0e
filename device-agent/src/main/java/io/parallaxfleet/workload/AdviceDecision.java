package io.parallaxfleet.workload;

import java.time.Instant;

/** What a device does with advice to explore more. */
public sealed interface AdviceDecision {
    /**
     * It is followed, as far as the device's limits go.
     *
     * @param shareFactor times the device's own share
     * @param until when it ends by itself
     * @param why what the fleet measured
     */
    record Follow(double shareFactor, Instant issuedAt, Instant until, String why) implements AdviceDecision {}

    /** Its time is over; the topic keeps the last of each class for ever. */
    record Expired(Instant at) implements AdviceDecision {}

    /** It is not newer than what is followed. */
    record Stale(Instant followedSince) implements AdviceDecision {}

    /** It is malformed or asks for more than advice may. */
    record Refuse(String reason) implements AdviceDecision {}
}
