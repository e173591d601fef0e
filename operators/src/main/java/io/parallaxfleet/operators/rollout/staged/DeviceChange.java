package io.parallaxfleet.operators.rollout.staged;

/**
 * One device against its own past: the unit of every comparison, because the inferences of one device share its temper. Changes
 * are natural logarithms of after / before over the models it ran in both, each model against itself.
 *
 * @param meanChange of the latency's geometric mean
 * @param tailChange of its 95th percentile
 */
public record DeviceChange(double meanChange, double tailChange) {
    public DeviceChange {
        if (!Double.isFinite(meanChange) || !Double.isFinite(tailChange)) {
            throw new IllegalArgumentException("changes of " + meanChange + " and " + tailChange + "; both must be finite");
        }
    }
}
