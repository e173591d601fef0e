package io.parallaxfleet.schemas.exploration;

import java.time.Duration;

/** What advice to explore more may ask for at most: the job issues nothing beyond it, devices refuse what is. */
public final class ExplorationBounds {
    /** Times a device's own share. */
    public static final double MAX_SHARE_FACTOR = 10;
    /** From issue to expiry. */
    public static final Duration LONGEST = Duration.ofDays(1);

    private ExplorationBounds() {}
}
