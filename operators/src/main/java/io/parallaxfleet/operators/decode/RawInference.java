package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.serde.AvroBody;
import java.util.Arrays;

/**
 * A telemetry record that broke no rule, as Avro bytes in the schema of this build, with each array in one block. It travels like
 * this because most of it is only ever added up: objects for fifty branches would cost more than the sums. Immutable as long as
 * nobody writes to the array.
 */
public final class RawInference {
    private final byte[] bytes;
    private final int start;
    // Computed once: both ends of a shuffle ask for the key.
    private String session;

    /** @param start where the record begins; it ends with the array */
    RawInference(byte[] bytes, int start) {
        this.bytes = bytes;
        this.start = start;
    }

    /** The record as bytes. It is not checked against the rules. */
    public static RawInference of(InferenceTelemetry telemetry) {
        return new RawInference(AvroBody.write(telemetry), 0);
    }

    /** The record as an object. */
    public InferenceTelemetry toTelemetry() {
        return AvroBody.read(InferenceTelemetry.class, bytes, start);
    }

    byte[] bytes() {
        return bytes;
    }

    int start() {
        return start;
    }

    int length() {
        return bytes.length - start;
    }

    /** One start of one agent: device id and session id, joined by a slash. */
    public String session() {
        if (session == null) {
            session = SessionKey.of(bytes, start);
        }
        return session;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawInference that
                && Arrays.equals(bytes, start, bytes.length, that.bytes, that.start, that.bytes.length);
    }

    @Override
    public int hashCode() {
        return session().hashCode();
    }
}
