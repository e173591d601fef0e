package io.parallaxfleet.schemas.serde;

import java.nio.ByteBuffer;

/**
 * Confluent's wire format: one zero byte, the schema id as a big-endian int32, then the Avro binary body. The usual Kafka
 * tools read it.
 */
public final class ConfluentFraming {
    static final byte MAGIC = 0;
    /** Bytes before the Avro body. */
    public static final int HEADER_BYTES = 1 + Integer.BYTES;

    private ConfluentFraming() {}

    /**
     * The schema id of a framed record.
     *
     * @throws UndecodableRecordException when the bytes are too short or do not start with the magic byte
     */
    public static int schemaId(byte[] framed) {
        if (framed.length < HEADER_BYTES) {
            throw new UndecodableRecordException("the record has " + framed.length + " bytes; a framed Avro record has at least "
                    + HEADER_BYTES);
        }
        if (framed[0] != MAGIC) {
            throw new UndecodableRecordException("the record starts with byte 0x"
                    + String.format("%02x", framed[0]) + " where Confluent framing has 0x00");
        }
        return ByteBuffer.wrap(framed, 1, Integer.BYTES).getInt();
    }

    /** The header of a record written with the given schema id. */
    static byte[] header(int schemaId) {
        return ByteBuffer.allocate(HEADER_BYTES).put(MAGIC).putInt(schemaId).array();
    }
}
