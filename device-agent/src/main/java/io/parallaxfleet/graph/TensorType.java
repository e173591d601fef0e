package io.parallaxfleet.graph;

import java.util.List;
import java.util.Objects;

/**
 * Element type and shape of a tensor. A dimension of {@link #DYNAMIC} depends on data and is known only after the producing
 * operator ran; a scalar has no dimensions.
 */
public record TensorType(ElementType elementType, List<Long> dimensions) {
    /** Marks a dimension that only the run decides. */
    public static final long DYNAMIC = -1;
    /** The largest tensor that is run: a buffer of Java's, and many an accelerator's, holds no more. */
    public static final long MOST_BYTES = Integer.MAX_VALUE;

    public TensorType {
        Objects.requireNonNull(elementType, "elementType");
        dimensions = List.copyOf(dimensions);
        for (long dimension : dimensions) {
            if (dimension < DYNAMIC) {
                throw new IllegalArgumentException("a dimension is >= 0 or DYNAMIC, not " + dimension);
            }
        }
    }

    public static TensorType of(ElementType elementType, long... dimensions) {
        return new TensorType(elementType, java.util.Arrays.stream(dimensions).boxed().toList());
    }

    public boolean isStatic() {
        return !dimensions.contains(DYNAMIC);
    }

    /**
     * Number of elements.
     *
     * @throws IllegalStateException when a dimension is dynamic
     * @throws ArithmeticException when the product overflows a long
     */
    public long elements() {
        if (!isStatic()) {
            throw new IllegalStateException("the shape " + dimensions + " is data-dependent");
        }
        long elements = 1;
        for (long dimension : dimensions) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** Bytes of the whole tensor; errors as {@link #elements()}. */
    public long bytes() {
        return Math.multiplyExact(elements(), elementType.bytes());
    }

    /** Whether it holds more than {@link #MOST_BYTES}; of a dynamic shape the dimensions that are known are counted. */
    public boolean isTooLarge() {
        if (dimensions.contains(0L)) {
            return false;
        }
        long bytes = elementType.bytes();
        for (long dimension : dimensions) {
            if (dimension > MOST_BYTES / bytes) {
                return true;
            }
            bytes *= Math.max(1, dimension);
        }
        return false;
    }

    public int rank() {
        return dimensions.size();
    }

    /** Dimensions as ONNX Runtime wants them. */
    public long[] shape() {
        return dimensions.stream().mapToLong(Long::longValue).toArray();
    }
}
