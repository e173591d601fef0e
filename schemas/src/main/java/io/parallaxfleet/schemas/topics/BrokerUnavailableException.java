package io.parallaxfleet.schemas.topics;

/** The Kafka brokers could not be reached or refused; the message says what to check. */
public final class BrokerUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokerUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
