package io.parallaxfleet.operators.rollout;

import io.parallaxfleet.operators.aggregate.ClassKey;
import java.util.Objects;

/**
 * The warm, valid, unexplored inferences of one model under one epoch in one window.
 *
 * @param sketch a {@link io.parallaxfleet.operators.aggregate.LatencySketch} in bytes
 * @param windowEndMillis event time
 */
public record LatencyWindow(ClassKey classKey, String model, long policyEpoch, byte[] sketch, long windowEndMillis) {
    public LatencyWindow {
        Objects.requireNonNull(classKey, "classKey");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(sketch, "sketch");
    }
}
