package io.parallaxfleet.operators.decode;

import io.parallaxfleet.schemas.avro.DeadLetter;

/** What became of a record's bytes. */
public sealed interface DecodeResult {
    /**
     * A usable record.
     *
     * @param eventTimeMillis when the inference ended, no later than the record was read: one device whose clock runs ahead
     *     must not make the records of all others late
     */
    record Decoded(RawInference inference, long eventTimeMillis) implements DecodeResult {}

    /** A record that cannot be used; the letter says where it stands and why. */
    record Undecodable(DeadLetter letter) implements DecodeResult {}
}
