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

    /**
     * Runs what the last run ran once more on the same tensors, by the runtime's own call alone, and forgets the result: what the
     * rest of a run is measured against.
     */
    void repeat() throws OrtException;

    /** When the last run entered the native kernels, on the clock of {@link System#nanoTime()}. */
    long kernelStartNanos();

    /** When it left them. */
    long kernelEndNanos();

    /** Time between the two that was not spent in native kernels. */
    default long pauseNanos() {
        return 0;
    }

    /** Whether a run may leave tensors that it sized itself, or hold something else until the next. */
    default boolean holdsBetweenRuns() {
        return false;
    }

    /** Bytes of the tensors that the last run sized and left: what the step's arena grew by beyond its planned places. */
    default long grownBytes() {
        return 0;
    }

    /** Lets go of what the last run left and nobody else holds. */
    default void releaseRun() {}

    @Override
    void close() throws OrtException;
}
