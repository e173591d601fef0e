package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorCopy;
import java.nio.ByteBuffer;

/** A tensor that the iterations of a Scan read slice by slice. A slice is copied to one place, which costs less than a tensor each. */
final class SlicedInput implements AutoCloseable {
    private final Iteration.Axis along;
    private final TensorCopy slice;
    private ByteBuffer content;
    private OnnxTensor whole;
    private long[] sliceShape = {};
    private long length;
    private int blocks;
    private int block;

    SlicedInput(Iteration.Axis along, OrtEnvironment environment) {
        this.along = along;
        this.slice = new TensorCopy(environment);
    }

    /** @param bytes of the whole tensor */
    void begin(OnnxTensor tensor, ByteBuffer bytes) {
        whole = tensor;
        content = bytes;
        long[] shape = tensor.getInfo().getShape();
        length = shape[along.axis()];
        if (sliceShape.length != shape.length - 1) {
            sliceShape = new long[shape.length - 1];
        }
        long outer = 1;
        long inner = tensor.getInfo().type.size;
        for (int axis = 0, kept = 0; axis < shape.length; axis++) {
            if (axis != along.axis()) {
                sliceShape[kept++] = shape[axis];
            }
            outer *= axis < along.axis() ? shape[axis] : 1;
            inner *= axis > along.axis() ? shape[axis] : 1;
        }
        blocks = Math.toIntExact(outer);
        block = Math.toIntExact(inner);
    }

    long length() {
        return length;
    }

    /** The slice of an iteration; valid until the next call. */
    OnnxTensor slice(long iteration) throws OrtException {
        long position = along.backwards() ? length - 1 - iteration : iteration;
        ByteBuffer target = slice.reserve((long) blocks * block);
        for (int outer = 0; outer < blocks; outer++) {
            target.put(outer * block, content, content.position() + Math.toIntExact((outer * length + position) * block), block);
        }
        return slice.as(whole.getInfo().type, sliceShape);
    }

    /** Lets go of the tensor. */
    void end() {
        whole = null;
        content = null;
    }

    @Override
    public void close() {
        slice.close();
    }
}
