package io.parallaxfleet.dashboards.source;

import io.parallaxfleet.dashboards.view.FleetView;
import io.parallaxfleet.dashboards.view.RecordPosition;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.serde.AvroRecordDeserializer;
import io.parallaxfleet.schemas.serde.UndecodableRecordException;
import io.parallaxfleet.schemas.topics.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Decodes the raw records of each topic and hands them to the view. What cannot be decoded is counted and named there; it
 * never stops the reader. Confined to the reader's thread.
 */
final class RecordDispatcher {
    private interface Handler {
        void handle(ConsumerRecord<byte[], byte[]> raw, RecordPosition at);
    }

    private final FleetView view;
    private final SchemaRegistry registry;
    private final Map<String, Handler> handlers = new LinkedHashMap<>();

    RecordDispatcher(FleetView view, SchemaRegistry registry) {
        this.view = view;
        this.registry = registry;
        on(Topic.DEVICES, DeviceProfile.class, view::device);
        on(Topic.PLANS, PlanProfile.class, view::plan);
        on(Topic.THRESHOLDS, ThresholdUpdate.class, view::thresholds);
        on(Topic.AGGREGATES, ClassAggregate.class, view::aggregate);
        on(Topic.THRESHOLD_ACKS, ThresholdAck.class, view::acknowledgement);
        on(Topic.ROLLOUTS, RolloutEvent.class, view::rollout);
        on(Topic.DEAD_LETTERS, DeadLetter.class, (letter, at) -> view.deadLetter(letter));
    }

    /** Names of the topics that are read. */
    Set<String> topics() {
        return handlers.keySet();
    }

    /**
     * Handles one record.
     *
     * @throws SchemaRegistryException when the registry cannot be asked now: the record is not at fault, try it again
     */
    void dispatch(ConsumerRecord<byte[], byte[]> raw) {
        RecordPosition at = position(raw);
        if (raw.value() == null) {
            // A tombstone: only devices go away one by one, plans and thresholds age out of the view by themselves.
            if (raw.topic().equals(Topic.DEVICES.topicName()) && raw.key() != null) {
                view.deviceRemoved(new String(raw.key(), StandardCharsets.UTF_8));
            }
            return;
        }
        try {
            handlers.get(raw.topic()).handle(raw, at);
        } catch (UndecodableRecordException e) {
            view.unreadable(at, e.getMessage());
        }
    }

    /** Counts a record as unreadable that was tried often enough. */
    void giveUp(ConsumerRecord<byte[], byte[]> raw, String reason) {
        view.unreadable(position(raw), reason);
    }

    private static RecordPosition position(ConsumerRecord<byte[], byte[]> raw) {
        return new RecordPosition(raw.topic(), raw.partition(), raw.offset(), Instant.ofEpochMilli(raw.timestamp()));
    }

    private <T extends SpecificRecord> void on(Topic topic, Class<T> type, BiConsumer<T, RecordPosition> into) {
        @SuppressWarnings("resource") // nothing to release: the registry belongs to the caller
        AvroRecordDeserializer<T> deserializer = new AvroRecordDeserializer<>(registry, type);
        handlers.put(topic.topicName(), (raw, at) -> into.accept(deserializer.deserialize(raw.topic(), raw.value()), at));
    }
}
