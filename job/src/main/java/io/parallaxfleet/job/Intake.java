package io.parallaxfleet.job;

import io.parallaxfleet.operators.decode.DecodeResult;
import io.parallaxfleet.operators.decode.RawInference;
import io.parallaxfleet.schemas.avro.DeadLetter;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A {@link DecodeResult} as it leaves the source, in a form that Flink serialises without Kryo: exactly one of the two is not null.
 *
 * @param eventTimeMillis of the telemetry; 0 for a dead letter, which has no time
 */
public record Intake(@TypeInfo(RawInferenceTypeFactory.class) RawInference inference, DeadLetter deadLetter,
        long eventTimeMillis) {
    public Intake {
        if ((inference == null) == (deadLetter == null)) {
            throw new IllegalArgumentException("either telemetry or a dead letter");
        }
    }

    public static Intake of(DecodeResult result) {
        if (result instanceof DecodeResult.Decoded decoded) {
            return new Intake(decoded.inference(), null, decoded.eventTimeMillis());
        }
        return new Intake(null, ((DecodeResult.Undecodable) result).letter(), 0);
    }
}
