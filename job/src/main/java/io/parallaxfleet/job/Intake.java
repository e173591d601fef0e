package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.DecodeResult;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;

/**
 * A {@link DecodeResult} as it leaves the source, in a form that Flink serialises without Kryo: exactly one of the two is not null.
 *
 * @param eventTimeMillis of the telemetry; 0 for a dead letter, which has no time
 */
public record Intake(InferenceTelemetry telemetry, DeadLetter deadLetter, long eventTimeMillis) {
    public Intake {
        if ((telemetry == null) == (deadLetter == null)) {
            throw new IllegalArgumentException("either telemetry or a dead letter");
        }
    }

    public static Intake of(DecodeResult result) {
        if (result instanceof DecodeResult.Decoded decoded) {
            return new Intake(decoded.telemetry(), null, decoded.eventTimeMillis());
        }
        return new Intake(null, ((DecodeResult.Undecodable) result).letter(), 0);
    }
}
