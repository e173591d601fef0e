package io.parallaxfleet.bench;

/** What the caller does in the {@link Pacing#GAP} before an inference. */
enum Rest {
    /** There is no gap. */
    NONE,
    /** It keeps its core busy and touches no memory: pool threads stop, its own core and caches stay as they were. */
    AWAKE,
    /** It sleeps, as an application does: its core is idle too, or somebody else's. */
    ASLEEP
}
