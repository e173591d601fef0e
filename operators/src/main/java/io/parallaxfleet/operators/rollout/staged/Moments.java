package io.parallaxfleet.operators.rollout.staged;

/**
 * Count, mean and sum of squared deviations of a group's values: enough for the group's mean and spread, and mergeable, so that no
 * device has to be kept to know its group. Immutable. Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance",
 * The American Statistician 37(3), 1983.
 *
 * @param squares sum of squared deviations from {@code mean}
 */
public record Moments(long count, double mean, double squares) {
    public static final Moments NONE = new Moments(0, 0, 0);

    public Moments {
        if (count < 0 || !Double.isFinite(mean) || !(squares >= 0) || Double.isInfinite(squares)) {
            throw new IllegalArgumentException(count + " values with mean " + mean + " and squared deviations " + squares);
        }
    }

    public Moments with(double value) {
        double delta = value - mean;
        double next = mean + delta / (count + 1);
        return new Moments(count + 1, next, squares + delta * (value - next));
    }

    /** What all values of both would have given. */
    public Moments and(Moments other) {
        long all = count + other.count;
        if (all == 0) {
            return NONE;
        }
        double delta = other.mean - mean;
        return new Moments(all, mean + delta * other.count / all,
                squares + other.squares + delta * delta * count * other.count / all);
    }
}
