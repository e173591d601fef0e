package io.parallaxfleet.engine;

/** How a plan executes. */
public enum Execution {
    /** One ONNX Runtime session over the whole model with all threads: plain ONNX Runtime. */
    ONE_SESSION,
    /** The same over operators that the engine put in the place of others. */
    REWRITTEN,
    /** CPU branches in sessions of their own, side by side where a layer allows it. */
    SPLIT,
    /** At least one region on the accelerator, the rest in CPU segments. */
    HETEROGENEOUS
}
