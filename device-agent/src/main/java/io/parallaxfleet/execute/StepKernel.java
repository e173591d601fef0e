package io.parallaxfleet.execute;

import ai.onnxruntime.OrtException;

/** Runs one step of a plan on the tensors of its store. One run at a time. */
public sealed interface StepKernel extends AutoCloseable permits OrtSegment, AcceleratorRegion {
    /**
     * Runs the step.
     *
     * @throws AcceleratorException when the accelerator fails; outputs are then undefined
     * @throws OrtException when ONNX Runtime fails
     */
    void run(TensorStore tensors) throws OrtException;

    @Override
    void close() throws OrtException;
}
