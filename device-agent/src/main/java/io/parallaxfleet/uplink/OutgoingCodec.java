package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.topics.Topic;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * How records lie in the spool: topic name, key, and the value in Avro's single-object encoding, which carries the fingerprint of
 * its schema. Confluent's framing would need the registry, which may be as unreachable as the broker. Thread-safe.
 */
final class OutgoingCodec {
    private final Map<Topic, BinaryMessageEncoder<SpecificRecord>> encoders = new EnumMap<>(Topic.class);
    private final Map<Topic, BinaryMessageDecoder<SpecificRecord>> decoders = new EnumMap<>(Topic.class);

    OutgoingCodec() {
        for (Topic topic : Topic.values()) {
            SpecificData data = SpecificData.getForSchema(topic.schema());
            encoders.put(topic, new BinaryMessageEncoder<>(data, topic.schema()));
            decoders.put(topic, new BinaryMessageDecoder<>(data, topic.schema()));
        }
    }

    byte[] encode(Outgoing record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(record.topic().topicName());
            out.writeUTF(record.key());
            encoders.get(record.topic()).encode(record.value(), out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing a record to memory", e);
        }
        return bytes.toByteArray();
    }

    /** Empty where the record was written by an agent whose schemas this one does not know. */
    Optional<Outgoing> decode(byte[] payload) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
            String topicName = in.readUTF();
            String key = in.readUTF();
            Optional<Topic> topic =
                    Arrays.stream(Topic.values()).filter(candidate -> candidate.topicName().equals(topicName)).findFirst();
            if (topic.isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new Outgoing(topic.get(), key, decoders.get(topic.get()).decode(in, null)));
        } catch (IOException | AvroRuntimeException e) {
            return Optional.empty();
        }
    }
}
