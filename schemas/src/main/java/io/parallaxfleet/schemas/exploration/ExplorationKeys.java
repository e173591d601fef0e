package io.parallaxfleet.schemas.exploration;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;

/**
 * Record keys of the compacted exploration topic. A class of simulated devices has a key of its own whatever it is called, so that what
 * was modelled never takes the place of what was measured.
 */
public final class ExplorationKeys {
    /** No class name ends with it. */
    public static final String SIMULATED_SUFFIX = "#simulated";

    private ExplorationKeys() {}

    /** The key to publish the advice under. */
    public static String of(ExplorationAdvice advice) {
        return advice.getSimulated() ? advice.getDeviceClass() + SIMULATED_SUFFIX : advice.getDeviceClass();
    }
}
