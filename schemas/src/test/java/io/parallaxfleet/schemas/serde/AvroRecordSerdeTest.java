package io.parallaxfleet.schemas.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.InProcessRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AvroRecordSerdeTest {
    private static final long SEED = 20_251_201L;
    private static final int RECORDS = 50;

    private final SchemaRegistry registry = new InProcessRegistry();

    @ParameterizedTest
    @EnumSource(Topic.class)
    void a_record_of_every_topic_comes_back_as_it_was_written(Topic topic) throws IOException {
        AvroRecordSerializer<SpecificRecord> serializer = new AvroRecordSerializer<>(registry);
        AvroRecordDeserializer<SpecificRecord> deserializer = deserializer(topic);
        for (Object datum : new RandomData(topic.schema(), RECORDS, SEED)) {
            SpecificRecord record = specific(topic.schema(), datum);
            assertEquals(record, deserializer.deserialize(topic.topicName(), serializer.serialize(topic.topicName(), record)));
        }
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void garbage_behind_a_good_header_is_undecodable_and_nothing_worse(Topic topic) {
        AvroRecordDeserializer<SpecificRecord> deserializer = deserializer(topic);
        byte[] header = ConfluentFraming.header(registry.register(topic.valueSubject(), topic.schema()));
        Random random = new Random(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] record = Arrays.copyOf(header, header.length + random.nextInt(200));
            for (int at = header.length; at < record.length; at++) {
                record[at] = (byte) random.nextInt();
            }
            assertDecodesOrIsUndecodable(deserializer, topic, record);
        }
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void a_damaged_record_is_undecodable_and_nothing_worse(Topic topic) throws IOException {
        AvroRecordSerializer<SpecificRecord> serializer = new AvroRecordSerializer<>(registry);
        AvroRecordDeserializer<SpecificRecord> deserializer = deserializer(topic);
        Random random = new Random(SEED);
        for (Object datum : new RandomData(topic.schema(), RECORDS, SEED)) {
            byte[] good = serializer.serialize(topic.topicName(), specific(topic.schema(), datum));
            for (int i = 0; i < 40; i++) {
                byte[] damaged = random.nextBoolean() ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
                if (damaged.length > 0) {
                    damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                }
                assertDecodesOrIsUndecodable(deserializer, topic, damaged);
            }
        }
    }

    @Test
    void a_huge_list_in_a_short_record_is_undecodable_without_filling_the_heap() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(ConfluentFraming.header(registry.register("x", ThresholdAck.getClassSchema())));
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeString("device");
        encoder.writeString("class");
        encoder.writeBoolean(false);
        encoder.writeLong(1);
        encoder.writeString("rollout");
        encoder.writeEnum(1);
        encoder.writeIndex(0);
        encoder.writeNull();
        encoder.writeArrayStart();
        encoder.setItemCount(Integer.MAX_VALUE - 10L);
        encoder.flush();
        var deserializer = new AvroRecordDeserializer<>(registry, ThresholdAck.class);
        assertThrows(UndecodableRecordException.class, () -> deserializer.deserialize("x", bytes.toByteArray()));
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void lists_written_in_sized_blocks_are_read_too(Topic topic) throws IOException {
        AvroRecordDeserializer<SpecificRecord> deserializer = deserializer(topic);
        byte[] header = ConfluentFraming.header(registry.register(topic.valueSubject(), topic.schema()));
        for (Object datum : new RandomData(topic.schema(), RECORDS, SEED)) {
            SpecificRecord record = specific(topic.schema(), datum);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(header);
            // Another client may write its lists in blocks that carry their length.
            BinaryEncoder encoder = new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null);
            new SpecificDatumWriter<>(topic.schema()).write(record, encoder);
            encoder.flush();
            assertEquals(record, deserializer.deserialize(topic.topicName(), bytes.toByteArray()));
        }
    }

    @Test
    void a_huge_length_in_a_short_record_is_undecodable_without_filling_the_heap() {
        // DeadLetter starts with a string; its length is a zig-zag varint, here 2^30.
        byte[] header = ConfluentFraming.header(registry.register("x", DeadLetter.getClassSchema()));
        byte[] record = Arrays.copyOf(header, header.length + 5);
        System.arraycopy(new byte[] {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x08}, 0, record, header.length, 5);
        var deserializer = new AvroRecordDeserializer<>(registry, DeadLetter.class);
        assertThrows(UndecodableRecordException.class, () -> deserializer.deserialize("x", record));
    }

    @Test
    void a_tombstone_stays_null() {
        assertNull(new AvroRecordDeserializer<>(registry, ThresholdUpdate.class).deserialize("x", null));
        assertNull(new AvroRecordSerializer<ThresholdUpdate>(registry).serialize("x", null));
    }

    @Test
    void an_unknown_schema_id_is_named() {
        var deserializer = new AvroRecordDeserializer<>(registry, ThresholdUpdate.class);
        var refused = assertThrows(
                UndecodableRecordException.class, () -> deserializer.deserialize("x", ConfluentFraming.header(4711)));
        assertTrue(refused.getMessage().contains("4711"), refused.getMessage());
    }

    @Test
    void a_record_of_another_type_is_refused_with_both_names() {
        byte[] header = ConfluentFraming.header(registry.register("x", DeadLetter.getClassSchema()));
        var deserializer = new AvroRecordDeserializer<>(registry, ThresholdUpdate.class);
        var refused = assertThrows(UndecodableRecordException.class, () -> deserializer.deserialize("x", header));
        assertTrue(refused.getMessage().contains("DeadLetter") && refused.getMessage().contains("ThresholdUpdate"),
                refused.getMessage());
    }

    private AvroRecordDeserializer<SpecificRecord> deserializer(Topic topic) {
        return new AvroRecordDeserializer<>(registry, typeOf(topic));
    }

    @SuppressWarnings("unchecked")
    private static Class<SpecificRecord> typeOf(Topic topic) {
        return (Class<SpecificRecord>) SpecificData.get().getClass(topic.schema());
    }

    private static void assertDecodesOrIsUndecodable(
            AvroRecordDeserializer<SpecificRecord> deserializer, Topic topic, byte[] record) {
        try {
            deserializer.deserialize(topic.topicName(), record);
        } catch (UndecodableRecordException expected) {
            assertTrue(expected.getMessage() != null && !expected.getMessage().isBlank());
        }
    }

    private static SpecificRecord specific(Schema schema, Object generic) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema, GenericData.get()).write(generic, encoder);
        encoder.flush();
        SpecificDatumReader<SpecificRecord> reader = new SpecificDatumReader<>(schema);
        return reader.read(null, DecoderFactory.get().binaryDecoder(out.toByteArray(), null));
    }
}
