package io.parallaxfleet.bench;

import java.time.Duration;

/** How the runs of a contender's turn follow one another. */
public enum Pacing {
    /** At once. */
    BACK_TO_BACK,
    /** Each {@link #GAP} after the one before, as a camera or a keyboard paces them. */
    PACED;

    /** Gap of paced runs. */
    static final Duration GAP = Duration.ofMillis(15);

    /** Gap between contenders: longer than an ONNX Runtime thread spins after its last piece of work. Up to 50 ms were seen. */
    static final Duration SETTLING = Duration.ofMillis(80);
}
