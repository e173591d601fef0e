package io.parallaxfleet.engine;

/** A run failed; the message names the model, the step and its first operator. The engine itself stays usable. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
