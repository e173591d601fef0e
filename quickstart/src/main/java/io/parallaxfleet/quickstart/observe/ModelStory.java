package io.parallaxfleet.quickstart.observe;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One model of one class before and after its thresholds were recalibrated.
 *
 * @param before under the first policy epoch seen; empty while it has no window
 * @param after under the newest policy epoch with samples; empty while that is still the first
 * @param samePlan whether every device that told its plans still runs the one it started with: what then differs between before and
 *     after is not the thresholds' doing; false while no device told
 */
public record ModelStory(String model, Optional<LatencyFigure> before, Optional<LatencyFigure> after, boolean samePlan) {
    /** After over before; below 1 is faster. */
    public OptionalDouble ratio() {
        if (before.isEmpty() || after.isEmpty()) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(after.get().p50Nanos() / before.get().p50Nanos());
    }
}
