package io.parallaxfleet.bench;

import java.time.Duration;

/** How runs follow one another. */
enum Pacing {
    /** A contender's runs follow at once, in blocks; contenders take turns. */
    BACK_TO_BACK,
    /** Every run waits {@link #GAP} after the one before, as a camera or a keyboard paces them; contenders take turns. */
    PACED;

    /** Gap of paced runs; also long enough that no thread of the contender before still spins. */
    static final Duration GAP = Duration.ofMillis(15);
}
