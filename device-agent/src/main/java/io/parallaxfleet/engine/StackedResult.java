package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorCopy;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A result of a Loop or Scan: what each iteration gives, along a new axis. Grows where the number of iterations is not known. */
final class StackedResult implements AutoCloseable {
    private final String name;
    private final Iteration.Axis along;
    private final TensorType row;
    private final TensorCopy memory;
    private final OnnxJavaType type;
    private boolean counted;
    private long iterations;
    /** Of the rows since the last begin, once there is one; kept for the next, whose rows are mostly alike. */
    private long[] rowShape;
    /** Of all rows, used again. */
    private long[] shape = {};
    private long added;

    /**
     * @param name for messages
     * @param along where the iterations stand; another axis than the first, or backwards, needs their number beforehand
     * @param row what is known of the type of a row
     */
    StackedResult(String name, Iteration.Axis along, TensorType row, OrtEnvironment environment) {
        this.name = name;
        this.along = along;
        this.row = row;
        this.type = TensorStore.javaType(row.elementType()).orElseThrow();
        this.memory = new TensorCopy(environment);
    }

    /** As many rows will come as there are iterations, which nobody knows yet. */
    void begin() {
        counted = false;
        added = 0;
    }

    /** So many rows will come. */
    void begin(long expected) {
        counted = true;
        iterations = expected;
        added = 0;
    }

    /** Takes in the next iteration's row. */
    void add(ByteBuffer content, long[] given) {
        if (!Arrays.equals(rowShape, given)) {
            if (added == 0) {
                rowShape = given.clone();
            } else {
                throw new EngineException("'" + name + "' stacks what its iterations give, and iteration " + added + " gave the shape "
                    + Arrays.toString(given) + " after " + Arrays.toString(rowShape) + "; all must be alike", null);
            }
        }
        long rowBytes = content.remaining();
        long count = counted ? iterations : added + 1;
        ByteBuffer all = memory.reserve(Math.multiplyExact(count, rowBytes));
        if (rowBytes > 0) {
            long position = along.backwards() ? count - 1 - added : added;
            int blocks = blocks();
            int block = (int) (rowBytes / blocks);
            // With the iterations on the first axis a row is one block at the same place for any count.
            for (int outer = 0; outer < blocks; outer++) {
                all.put(Math.toIntExact((outer * count + position) * block), content, content.position() + outer * block, block);
            }
        }
        added++;
    }

    /** Runs of elements of a row that stay together. */
    private int blocks() {
        long blocks = 1;
        for (int axis = 0; axis < along.axis(); axis++) {
            blocks *= rowShape[axis];
        }
        return Math.toIntExact(blocks);
    }

    /** All rows; valid until the next begin. */
    OnnxTensor result() throws OrtException {
        // Without a row the open dimensions of one are nobody's to know; ONNX Runtime takes them for 0.
        long[] of = added > 0 ? rowShape : Arrays.stream(row.shape()).map(dimension -> Math.max(0, dimension)).toArray();
        if (shape.length != of.length + 1) {
            shape = new long[of.length + 1];
        }
        System.arraycopy(of, 0, shape, 0, along.axis());
        shape[along.axis()] = added;
        System.arraycopy(of, along.axis(), shape, along.axis() + 1, of.length - along.axis());
        return memory.as(type, shape);
    }

    long bytes() {
        return memory.bytes();
    }

    @Override
    public void close() {
        memory.close();
    }
}
