package io.parallaxfleet.schemas.serde;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.UnknownSchemaException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Reads records in {@linkplain ConfluentFraming Confluent framing} into a generated type, resolving the writer's schema
 * to the type's own. Readers are cached per schema id. Thread-safe.
 */
public final class AvroRecordDeserializer<T extends SpecificRecord> implements Deserializer<T> {
    private final SchemaRegistry registry;
    private final Schema readerSchema;
    private final SpecificData data;
    private final Map<Integer, Writer> compatibleWriters = new ConcurrentHashMap<>();

    /** @param own whether it is the reader's schema too, so that nothing is to be resolved */
    private record Writer(Schema schema, boolean own) {}

    public AvroRecordDeserializer(SchemaRegistry registry, Class<T> type) {
        this.registry = registry;
        this.data = SpecificData.getForClass(type);
        this.readerSchema = data.getSchema(type);
    }

    /**
     * Decodes one record; null (a tombstone) stays null.
     *
     * @throws UndecodableRecordException when the bytes are not framed, name an unknown or incompatible schema, or do not
     *     decode to exactly one record
     */
    @Override
    public T deserialize(String topic, byte[] framed) {
        if (framed == null) {
            return null;
        }
        Schema writer = writer(framed).schema();
        BoundedDecoder decoder = new BoundedDecoder(framed, ConfluentFraming.HEADER_BYTES);
        try {
            T value = new SpecificDatumReader<T>(writer, readerSchema, data).read(null, decoder);
            if (!decoder.isEnd()) {
                throw new UndecodableRecordException("bytes are left over after the " + readerSchema.getName());
            }
            return value;
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException
                | ClassCastException | UnsupportedOperationException e) {
            // The last is how Avro refuses a length beyond what an array can hold.
            throw new UndecodableRecordException("the body is not a " + readerSchema.getName() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Whether the record was written in the type's own schema, so that its body can be read without a writer's schema.
     *
     * @throws UndecodableRecordException when the bytes are not framed, or name an unknown or incompatible schema
     */
    public boolean inOwnSchema(byte[] framed) {
        return writer(framed).own();
    }

    private Writer writer(byte[] framed) {
        return compatibleWriters.computeIfAbsent(ConfluentFraming.schemaId(framed), this::compatibleWriter);
    }

    private Writer compatibleWriter(int id) {
        Schema writer;
        try {
            writer = registry.byId(id);
        } catch (UnknownSchemaException e) {
            throw new UndecodableRecordException(e.getMessage(), e);
        }
        if (!writer.getFullName().equals(readerSchema.getFullName())) {
            throw new UndecodableRecordException("schema " + id + " is " + writer.getFullName() + ", expected "
                    + readerSchema.getFullName());
        }
        var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(readerSchema, writer);
        if (compatibility.getType() != SchemaCompatibility.SchemaCompatibilityType.COMPATIBLE) {
            throw new UndecodableRecordException("schema " + id + " cannot be read as " + readerSchema.getName() + ": "
                    + compatibility.getDescription());
        }
        return new Writer(writer, writer.equals(readerSchema));
    }
}
