package io.parallaxfleet.execute;

import ai.onnxruntime.OrtException;

/** Runs one step of a plan on the tensors of its store. One run at a time. */
public interface StepKernel extends AutoCloseable {
    /**
     * Runs the step.
     *
     * @throws AcceleratorException when the accelerator fails; outputs are then undefined
     * @throws OrtException when ONNX Runtime fails
     */
    void run(TensorStore tensors) throws OrtException;

    /** Bytes of the tensors that the last run sized and left: what the step's arena grew by beyond its planned places. */
    default long grownBytes() {
        return 0;
    }

    /** Lets go of what the last run left and nobody else holds. */
    default void releaseRun() {}

    @Override
    void close() throws OrtException;
}
