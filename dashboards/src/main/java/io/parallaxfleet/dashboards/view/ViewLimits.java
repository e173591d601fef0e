package io.parallaxfleet.dashboards.view;

import java.time.Duration;

/**
 * How much a {@link FleetView} keeps, so that no stream of records, however hostile, grows it without end. What does not
 * fit is counted and shown, never silently lost.
 *
 * @param classes device classes, simulated and measured counted apart
 * @param devices devices whose class is remembered
 * @param modelsPerClass models of one class
 * @param pointsPerSeries windows of one latency series
 * @param seriesAge windows older than this, counted from the newest of their series, are dropped
 * @param policiesPerClass epochs of one class
 * @param plans plans over the whole fleet; the least recently used go first
 * @param branchesPerPlan branches of one plan
 * @param recentProblems dead letters, and unreadable records, that are listed one by one
 */
public record ViewLimits(
        int classes,
        int devices,
        int modelsPerClass,
        int pointsPerSeries,
        Duration seriesAge,
        int policiesPerClass,
        int plans,
        int branchesPerPlan,
        int recentProblems) {
    public ViewLimits {
        if (classes < 1 || devices < 1 || modelsPerClass < 1 || pointsPerSeries < 1 || policiesPerClass < 1 || plans < 1
                || branchesPerPlan < 1 || recentProblems < 1) {
            throw new IllegalArgumentException("every limit of the view must be at least 1");
        }
        if (seriesAge.isNegative() || seriesAge.isZero()) {
            throw new IllegalArgumentException("seriesAge is " + seriesAge + "; it must be positive");
        }
    }

    /** Room for a large fleet in about 200 MB: 100 000 devices, half an hour of five-second windows. */
    public static ViewLimits defaults() {
        return new ViewLimits(64, 100_000, 48, 720, Duration.ofMinutes(30), 40, 256, 4096, 20);
    }

    /** The same with another {@link #seriesAge}. */
    public ViewLimits withSeriesAge(Duration age) {
        int points = (int) Math.max(pointsPerSeries, Math.min(10_000, age.toSeconds() / 5));
        return new ViewLimits(classes, devices, modelsPerClass, points, age, policiesPerClass, plans, branchesPerPlan,
                recentProblems);
    }
}
