package io.parallaxfleet.schemas.serde;

import io.parallaxfleet.schemas.registry.SchemaRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Writes generated records in {@linkplain ConfluentFraming Confluent framing}; registers the schema under
 * {@code <topic>-value} on first use. Thread-safe.
 */
public final class AvroRecordSerializer<T extends SpecificRecord> implements Serializer<T> {
    private final SchemaRegistry registry;

    public AvroRecordSerializer(SchemaRegistry registry) {
        this.registry = registry;
    }

    @Override
    public byte[] serialize(String topic, T value) {
        if (value == null) {
            return null;
        }
        Schema schema = value.getSchema();
        int id = registry.register(topic + "-value", schema);
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try {
            out.write(ConfluentFraming.header(id));
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new SpecificDatumWriter<T>(schema).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing a " + schema.getName() + " to memory", e);
        }
        return out.toByteArray();
    }
}
