package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.ConfluentFraming;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * Bytes of {@code parallax.telemetry} to a record that is safe to compute with, or a dead letter. A registry that cannot be
 * reached is neither: it is thrown, because the record may be fine. A record in this build's schema is handed on as the bytes that
 * came if {@link InferenceReader} is sure of it; one in another schema, or one that it is not sure of, is decoded, held against the
 * rules and written again, or refused. Not thread-safe.
 */
public final class TelemetryDecoder {
    /** Bytes of a dead record that are kept. */
    public static final int KEPT_BYTES = 64 * 1024;

    private final AvroRecordDeserializer<InferenceTelemetry> deserializer;
    private final Clock clock;
    private final InferenceReader reader = new InferenceReader();

    public TelemetryDecoder(SchemaRegistry registry, Clock clock) {
        this.deserializer = new AvroRecordDeserializer<>(registry, InferenceTelemetry.class);
        this.clock = clock;
    }

    /**
     * Decodes and validates one record.
     *
     * @throws io.parallaxfleet.schemas.registry.SchemaRegistryException when the registry cannot be reached
     */
    public DecodeResult decode(RawRecord raw) {
        Instant now = clock.instant();
        if (raw.value() == null) {
            return undecodable(raw, now, "the record has no value; telemetry is never deleted by key");
        }
        InferenceTelemetry telemetry;
        try {
            if (deserializer.inOwnSchema(raw.value())
                    && reader.take(raw.value(), ConfluentFraming.HEADER_BYTES)
                    && TelemetryRules.timely(reader.timestampMillis(), now)) {
                return decoded(new RawInference(raw.value(), ConfluentFraming.HEADER_BYTES), reader.timestampMillis(), now);
            }
            telemetry = deserializer.deserialize(raw.topic(), raw.value());
        } catch (UndecodableRecordException e) {
            return undecodable(raw, now, e.getMessage());
        }
        Optional<String> fault = TelemetryRules.firstFault(telemetry, now);
        if (fault.isPresent()) {
            return undecodable(raw, now, fault.get());
        }
        return decoded(RawInference.of(telemetry), telemetry.getTimestamp().toEpochMilli(), now);
    }

    private static DecodeResult decoded(RawInference inference, long ended, Instant now) {
        return new DecodeResult.Decoded(inference, Math.min(ended, now.toEpochMilli()));
    }

    private static DecodeResult undecodable(RawRecord raw, Instant now, String reason) {
        return new DecodeResult.Undecodable(deadLetter(raw, now, reason));
    }

    /** The letter for a record that cannot be used. */
    public static DeadLetter deadLetter(RawRecord raw, Instant now, String reason) {
        byte[] value = raw.value() == null ? new byte[0] : raw.value();
        byte[] kept = value.length <= KEPT_BYTES ? value : Arrays.copyOf(value, KEPT_BYTES);
        return DeadLetter.newBuilder()
                .setTopic(raw.topic())
                .setPartition(raw.partition())
                .setOffset(raw.offset())
                .setRecordTimestamp(Instant.ofEpochMilli(raw.timestampMillis()))
                .setReason(reason)
                .setValue(ByteBuffer.wrap(kept))
                .setValueBytes(value.length)
                .setTimestamp(now)
                .build();
    }
}
