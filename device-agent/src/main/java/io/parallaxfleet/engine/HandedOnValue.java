package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorCopy;
import java.util.List;

/** A value on its way from iteration to iteration. Copied only where it lies in memory that the next iteration uses again. */
final class HandedOnValue implements AutoCloseable {
    private final List<TensorCopy> copies;
    private final boolean overwritten;
    private OnnxTensor value;
    private int turn;

    /** @param overwritten whether the next iteration overwrites what this one gave before it has read it */
    HandedOnValue(OrtEnvironment environment, boolean overwritten) {
        this.copies = List.of(new TensorCopy(environment), new TensorCopy(environment));
        this.overwritten = overwritten;
    }

    void begin(OnnxTensor initial) {
        value = initial;
    }

    /** Takes what an iteration gave. */
    void next(OnnxTensor given) throws OrtException {
        value = overwritten ? copy(given) : given;
    }

    /** The initial value, once there was no iteration: its own memory may be used again while the result is still read. */
    void endWithout() throws OrtException {
        value = copy(value);
    }

    private OnnxTensor copy(OnnxTensor original) throws OrtException {
        turn = 1 - turn;
        return copies.get(turn).of(original);
    }

    OnnxTensor value() {
        return value;
    }

    /** Memory of the copies. */
    long bytes() {
        return copies.get(0).bytes() + copies.get(1).bytes();
    }

    @Override
    public void close() {
        copies.forEach(TensorCopy::close);
    }
}
