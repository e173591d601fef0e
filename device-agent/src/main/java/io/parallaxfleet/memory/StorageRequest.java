package io.parallaxfleet.memory;

import java.util.Objects;
import java.util.Set;

/**
 * A tensor that crosses steps and needs storage.
 *
 * @param bytes its size; 0 is allowed
 * @param producerStep the step that writes it
 * @param consumerSteps the steps that read it; its storage is free again when all of them are over
 * @param output whether it is a graph output, whose storage is never free again
 */
public record StorageRequest(String tensor, long bytes, int producerStep, Set<Integer> consumerSteps, boolean output) {
    public StorageRequest {
        Objects.requireNonNull(tensor, "tensor");
        consumerSteps = Set.copyOf(consumerSteps);
        if (bytes < 0) {
            throw new IllegalArgumentException("tensor '" + tensor + "' has " + bytes + " bytes");
        }
    }
}
