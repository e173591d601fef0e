package io.parallaxfleet.operators.rollout;

import java.util.Objects;

/**
 * Several classes regressed together.
 *
 * @param atMillis when the last of them did; names the freeze
 * @param why which classes
 */
public record Freeze(long atMillis, String why) {
    public Freeze {
        Objects.requireNonNull(why, "why");
    }
}
