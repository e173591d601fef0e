package io.parallaxfleet.workload;

/**
 * How much of its work a device spends on exploration, as its owner says.
 *
 * @param own share of bursts that explore, in [0, 1)
 * @param most share that the fleet may ask for at most, in [0, 1); below {@code own} it asks in vain
 */
public record ExplorationLimits(double own, double most) {
    public ExplorationLimits {
        if (!(own >= 0 && own < 1)) {
            throw new IllegalArgumentException("the exploration probability is " + own + "; it must be in [0, 1)");
        }
        if (!(most >= 0 && most < 1)) {
            throw new IllegalArgumentException("the highest exploration probability is " + most + "; it must be in [0, 1)");
        }
    }

    /** Nothing but the device's own share, whatever is asked. */
    public static ExplorationLimits only(double own) {
        return new ExplorationLimits(own, 0);
    }

    /** The share when {@code factor} times the own one is asked for. */
    double raised(double factor) {
        return Math.max(own, Math.min(own * factor, most));
    }
}
