package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A tensor of changing shape in memory of its own, which grows and is used again. Not thread-safe; owns the tensor. */
public final class TensorCopy implements AutoCloseable {
    private final OrtEnvironment environment;
    private ByteBuffer memory = TensorStore.alignedDirect(0);
    private OnnxTensor tensor;
    private long[] shape;
    private OnnxJavaType type;

    public TensorCopy(OrtEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Room for this many bytes; what is in the memory stays.
     *
     * @return the memory, position 0, limit at its capacity
     */
    public ByteBuffer reserve(long bytes) {
        if (memory.capacity() < bytes) {
            closeTensor();
            // Twice as much, so that adding up piece by piece stays linear.
            int capacity = (int) Math.min(Integer.MAX_VALUE / 2, Math.max(bytes, 2L * memory.capacity()));
            ByteBuffer larger = TensorStore.alignedDirect(Math.max(capacity, Math.toIntExact(bytes)));
            memory.clear();
            larger.put(memory);
            memory = larger;
        }
        return memory.clear();
    }

    /** The memory's first bytes as a tensor; valid until the memory grows, the next call, or closing. */
    public OnnxTensor as(OnnxJavaType elementType, long[] dimensions) throws OrtException {
        if (tensor == null || type != elementType || !Arrays.equals(shape, dimensions)) {
            closeTensor();
            long bytes = elementType.size;
            for (long dimension : dimensions) {
                bytes = Math.multiplyExact(bytes, dimension);
            }
            tensor = OnnxTensor.createTensor(
                    environment, memory.slice(0, Math.toIntExact(bytes)).order(memory.order()), dimensions, elementType);
            type = elementType;
            shape = dimensions.clone();
        }
        return tensor;
    }

    /** A copy of a tensor. */
    public OnnxTensor of(OnnxTensor original) throws OrtException {
        ByteBuffer content = TensorStore.bytesOf(original);
        reserve(content.remaining()).put(content);
        return as(original.getInfo().type, original.getInfo().getShape());
    }

    public long bytes() {
        return memory.capacity();
    }

    private void closeTensor() {
        if (tensor != null) {
            tensor.close();
            tensor = null;
        }
    }

    @Override
    public void close() {
        closeTensor();
    }
}
