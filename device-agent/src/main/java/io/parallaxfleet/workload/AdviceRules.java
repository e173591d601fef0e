package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.exploration.ExplorationBounds;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Judges advice to explore more for the devices of one class. Fails closed: what is not understood is refused. Advice is not signed: the
 * most it can do is raise a device's exploration to the highest share that its owner allows, for a day. Pure; immutable and thread-safe.
 *
 * <p>Order of the tests: addressed to these devices, range, times, expiry, age.
 */
final class AdviceRules {
    /** How far the clocks of a fleet may be apart: the time of issue is the devices' own. */
    static final Duration CLOCKS_APART = Duration.ofMinutes(5);

    private final String deviceClass;
    private final boolean simulated;

    AdviceRules(String deviceClass, boolean simulated) {
        this.deviceClass = deviceClass;
        this.simulated = simulated;
    }

    /** What to do with the advice now, beside what is followed. */
    AdviceDecision judge(ExplorationAdvice advice, Optional<AdviceDecision.Follow> followed, Instant now) {
        if (!advice.getDeviceClass().equals(deviceClass)) {
            return refuse("deviceClass", "'" + advice.getDeviceClass() + "'", "'" + deviceClass + "', this device's");
        }
        if (advice.getSimulated() != simulated) {
            return refuse("simulated", advice.getSimulated(), simulated + ", as this device is");
        }
        double factor = advice.getShareFactor();
        if (!(factor >= 1 && factor <= ExplorationBounds.MAX_SHARE_FACTOR)) {
            return refuse("shareFactor", factor, "1.." + ExplorationBounds.MAX_SHARE_FACTOR);
        }
        Instant issued = advice.getIssuedAt();
        Instant expires = advice.getExpiresAt();
        if (issued.isAfter(now.plus(CLOCKS_APART))) {
            return refuse("issuedAt", issued, "at most " + CLOCKS_APART + " after this device's clock, which says " + now);
        }
        if (!expires.isAfter(issued) || expires.isAfter(issued.plus(ExplorationBounds.LONGEST))) {
            return refuse("expiresAt", expires, "at most " + ExplorationBounds.LONGEST + " after issuedAt, which is " + issued);
        }
        if (!expires.isAfter(now)) {
            return new AdviceDecision.Expired(expires);
        }
        if (followed.isPresent() && !issued.isAfter(followed.get().issuedAt())) {
            return new AdviceDecision.Stale(followed.get().issuedAt());
        }
        return new AdviceDecision.Follow(factor, issued, expires, advice.getReason());
    }

    private static AdviceDecision refuse(String field, Object value, String allowed) {
        return new AdviceDecision.Refuse(field + " is " + value + "; allowed is " + allowed);
    }
}
