package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.Objects;

/**
 * The warm, valid, unexplored inferences of one model under one epoch in one window.
 *
 * @param sketch a {@link io.parallaxfleet.operators.aggregate.LatencySketch} in bytes
 * @param windowEndMillis event time
 * @param energy what they took; null where that is unavailable
 */
public record LatencyWindow(ClassKey classKey, String model, long policyEpoch, byte[] sketch, long windowEndMillis, Energy energy) {
    /**
     * Energy of those inferences whose energy is known.
     *
     * @param source the meter or model, or several joined by {@code +}
     */
    public record Energy(String source, long samples, double meanMicrojoules) {}

    /** Without energy. */
    public LatencyWindow(ClassKey classKey, String model, long policyEpoch, byte[] sketch, long windowEndMillis) {
        this(classKey, model, policyEpoch, sketch, windowEndMillis, null);
    }

    public LatencyWindow {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(sketch, "sketch");
    }
}
