package io.parallaxfleet.quickstart.faults;

/** The run could not be carried through; the message says what did not come, and where to look. */
public final class FaultRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FaultRunException(String message) {
        super(message);
    }

    FaultRunException(String message, Throwable cause) {
        super(message, cause);
    }
}
