package io.parallaxfleet.schemas.serde;

/** The bytes are not a record of the expected type; the message says why. The caller dead-letters the record. */
public final class UndecodableRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UndecodableRecordException(String message) {
        super(message);
    }

    public UndecodableRecordException(String message, Throwable cause) {
        super(message, cause);
    }
}
