package io.parallaxfleet.engine;

/**
 * What a {@link ShapeAdaptiveEngine} has done since it was loaded.
 *
 * @param plansMade how often the planners worked
 * @param plansFound how often a plan was at hand
 * @param builds how often the sessions of a shape were built
 * @param evictions how often those of a shape gave way to another's
 * @param unplannedRuns runs in the session with open dimensions
 */
public record ShapeCounts(long plansMade, long plansFound, long builds, long evictions, long unplannedRuns) {}
