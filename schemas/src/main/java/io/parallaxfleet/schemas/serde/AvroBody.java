package io.parallaxfleet.schemas.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Generated records as bare Avro binary in their own schema, without framing; for bytes that this process made or checked. */
public final class AvroBody {
    private AvroBody() {}

    public static byte[] write(SpecificRecord value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try {
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
            new SpecificDatumWriter<SpecificRecord>(value.getSchema()).write(value, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing a " + value.getSchema().getName() + " to memory", e);
        }
        return out.toByteArray();
    }

    /** Reads the record that fills the array from {@code start} on. */
    public static <T extends SpecificRecord> T read(Class<T> type, byte[] bytes, int start) {
        try {
            SpecificData data = SpecificData.getForClass(type);
            return new SpecificDatumReader<T>(data.getSchema(type), data.getSchema(type), data)
                    .read(null, DecoderFactory.get().binaryDecoder(bytes, start, bytes.length - start, null));
        } catch (IOException e) {
            throw new UncheckedIOException("reading a " + type.getSimpleName() + " that was checked", e);
        }
    }
}
