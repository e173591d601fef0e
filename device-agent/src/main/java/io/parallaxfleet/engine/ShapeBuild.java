package io.parallaxfleet.engine;

import java.util.Map;

/**
 * One shape made ready in the background by a {@link ShapeAdaptiveEngine}.
 *
 * @param dimensions values of the open dimensions
 * @param planFound whether its plan was at hand, since it had been planned before
 * @param planNanos what the planners, or the look-up, took
 * @param totalNanos from the start of the build to the swap: preparing the model and measuring it, each the first time on this device,
 *     planning and opening the sessions
 */
public record ShapeBuild(Map<String, Long> dimensions, boolean planFound, long planNanos, long totalNanos) {
    public ShapeBuild {
        dimensions = Map.copyOf(dimensions);
    }
}
