package io.parallaxfleet.operators.fit;

/**
 * Two-sided Page-Hinkley test for a change of a mean that was 0: alarms once
 * {@code m_t − min m > λ} with {@code m_t = Σ (x − δ)}, or the mirror of it. Source: Page, "Continuous inspection schemes",
 * Biometrika 41 (1954); Hinkley, Biometrika 58 (1971). Not thread-safe.
 */
final class PageHinkley {
    /** Changes below a quarter of a run's own scatter, some 5 %, are not looked for. */
    static final double DELTA = 0.25;
    static final double LAMBDA = 4;

    double up;
    double down;

    /** Whether the mean has changed, by this observation and those before. */
    boolean add(double x) {
        // m_t − min m, without either.
        up = Math.max(0, up + x - DELTA);
        down = Math.max(0, down - x - DELTA);
        return up > LAMBDA || down > LAMBDA;
    }
}
