package io.parallaxfleet.operators.rollout.staged;

/**
 * An interval for a mean that holds at all looks together, however often and whenever one looks: the normal mixture sequential
 * probability ratio test, inverted. For an estimate with information {@code I = 1 / variance} the half width is
 * {@code sqrt((1 + 1/(τ²I)) · ln((1 + τ²I)/α²) / I)}; the mixture's {@code τ} makes it narrowest for effects of about that size.
 * Holds for estimates with independent increments of information, such as the difference of two means over the same devices as
 * each of them reports more. Immutable and thread-safe. Source: Robbins, "Statistical methods related to the law of the iterated
 * logarithm", 1970; Johari, Koomen, Pekelis, Walsh, "Always valid inference", Operations Research 70(3), 2022.
 *
 * @param error α, the chance that the interval misses the truth at any look
 * @param scale τ, the effect to be sharpest at
 */
public record ConfidenceSequence(double error, double scale) {
    public ConfidenceSequence {
        if (!(error > 0 && error < 1) || !(scale > 0)) {
            throw new IllegalArgumentException("error " + error + " must be in (0,1) and scale " + scale + " positive");
        }
    }

    /** Half width of the interval around an estimate of this variance. */
    public double halfWidth(double variance) {
        if (!(variance > 0)) {
            throw new IllegalArgumentException("a variance of " + variance);
        }
        double information = scale * scale / variance;
        return Math.sqrt((1 + 1 / information) * (Math.log1p(information) - 2 * Math.log(error)) * variance);
    }

    /** Information with which an effect is told from none with the given chance; within 1 %, never less. */
    public double informationFor(double effect, double power) {
        double deviate = normalDeviate(power);
        double information = 1 / (effect * effect);
        while (effect < halfWidth(1 / information) + deviate / Math.sqrt(information)) {
            information *= 1.01;
        }
        return information;
    }

    // By bisection of the distribution function; four digits are more than a plan needs.
    private static double normalDeviate(double probability) {
        double low = -8;
        double high = 8;
        while (high - low > 1e-4) {
            double middle = (low + high) / 2;
            if (normalDistribution(middle) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    // Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.2.17: within 7.5e-8.
    private static double normalDistribution(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double tail = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI)
                * t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        return x >= 0 ? 1 - tail : tail;
    }
}
