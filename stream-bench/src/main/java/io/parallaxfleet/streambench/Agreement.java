package io.parallaxfleet.streambench;

import java.util.Map;
import java.util.Optional;

/** Whether a contender's aggregates are the right ones: counts and peaks exactly, quantiles within 1 %, means but for rounding. */
final class Agreement {
    private static final double QUANTILE = 0.01;
    private static final double ROUNDING = 1e-9;

    private Agreement() {}

    /** The first disagreement, as a line that names the key; empty if there is none. */
    static Optional<String> fault(Map<String, Row> right, Map<String, Row> given) {
        if (right.size() != given.size()) {
            return Optional.of(given.size() + " aggregates where there are " + right.size());
        }
        for (Row want : right.values()) {
            Row got = given.get(want.key());
            if (got == null) {
                return Optional.of("no aggregate " + want.key());
            }
            if (got.count() != want.count() || got.cold() != want.cold() || got.invalid() != want.invalid()
                    || got.fallback() != want.fallback() || got.peakMax() != want.peakMax()) {
                return Optional.of("counts differ: " + got + " where " + want + " is right");
            }
            if (far(got.p50(), want.p50(), QUANTILE) || far(got.p90(), want.p90(), QUANTILE) || far(got.p99(), want.p99(), QUANTILE)) {
                return Optional.of("a quantile is more than 1 % off: " + got + " where " + want + " is right");
            }
            if (far(got.mean(), want.mean(), ROUNDING) || far(got.energyMean(), want.energyMean(), ROUNDING)) {
                return Optional.of("a mean is wrong: " + got + " where " + want + " is right");
            }
        }
        return Optional.empty();
    }

    private static boolean far(double got, double want, double tolerance) {
        return !(Math.abs(got - want) <= tolerance * Math.abs(want));
    }
}
