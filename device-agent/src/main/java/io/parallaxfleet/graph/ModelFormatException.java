package io.parallaxfleet.graph;

/** A model that cannot be used: missing, truncated, not ONNX, or with an operator or type that cannot run. Names the file. */
public final class ModelFormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelFormatException(String message) {
        super(message);
    }

    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
