package io.parallaxfleet.engine;

/** Which operators a session over the whole model runs. */
public enum GraphForm {
    /** Those of the model file, as ONNX Runtime optimises them: the same bits as plain ONNX Runtime. */
    ORIGINAL,
    /** Those that the rules of {@link io.parallaxfleet.rewrite.Rewrite} put in their place: the same within a tolerance that was checked. */
    REWRITTEN
}
