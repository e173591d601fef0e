package io.parallaxfleet.graph;

import java.nio.ByteBuffer;

/** Gives the bytes of a model's constant tensors. Thread-safe. */
@FunctionalInterface
public interface ConstantSource {
    /**
     * The raw little-endian row-major content of an initialiser, position 0, limit at its size; a view that the caller must
     * not write to.
     *
     * @throws IllegalArgumentException when the model has no such initialiser
     */
    ByteBuffer constant(String tensor);
}
