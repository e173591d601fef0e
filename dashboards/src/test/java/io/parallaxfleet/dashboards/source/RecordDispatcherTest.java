package io.parallaxfleet.dashboards.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.dashboards.fixture.Records;
import io.parallaxfleet.dashboards.view.ClassKey;
import io.parallaxfleet.dashboards.view.FleetSnapshot;
import io.parallaxfleet.dashboards.view.FleetView;
import io.parallaxfleet.dashboards.view.ViewLimits;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.registry.UnknownSchemaException;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.serde.ConfluentFraming;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class RecordDispatcherTest {
    private static final class ListRegistry implements SchemaRegistry {
        private final List<Schema> schemas = new ArrayList<>();
        private boolean up = true;

        @Override
        public int register(String subject, Schema schema) {
            schemas.add(schema);
            return schemas.size();
        }

        @Override
        public Schema byId(int id) {
            if (!up) {
                throw new SchemaRegistryException("the schema registry cannot be reached");
            }
            if (id < 1 || id > schemas.size()) {
                throw new UnknownSchemaException(id);
            }
            return schemas.get(id - 1);
        }
    }

    private final ListRegistry registry = new ListRegistry();
    private final FleetView view = new FleetView(Clock.systemUTC(), ViewLimits.defaults());
    private final RecordDispatcher dispatcher = new RecordDispatcher(view, registry);

    private static ConsumerRecord<byte[], byte[]> raw(Topic topic, String key, byte[] value) {
        return new ConsumerRecord<>(topic.topicName(), 0, 5, key.getBytes(StandardCharsets.UTF_8), value);
    }

    private byte[] deviceBytes() {
        try (AvroRecordSerializer<DeviceProfile> serializer = new AvroRecordSerializer<>(registry)) {
            return serializer.serialize(Topic.DEVICES.topicName(), Records.device("a", "edge", false).build());
        }
    }

    private FleetSnapshot.Problems problems() {
        return view.snapshot(0).problems();
    }

    @Test
    void readsWhatTheSerializersWriteAndTakesTombstonesAsRemoval() {
        dispatcher.dispatch(raw(Topic.DEVICES, "a", deviceBytes()));
        assertEquals(1, view.snapshot(0).classes().get(0).devices());
        dispatcher.dispatch(raw(Topic.DEVICES, "a", null));
        assertEquals(0, view.snapshot(0).classes().get(0).devices());
    }

    @Test
    void readsEveryTopicButTheRawTelemetryTheCommandsWhoseAnswersItReadsAndAdviceWhoseReasonIsAnEvent() {
        Set<String> unread = new HashSet<>();
        Arrays.stream(Topic.values()).map(Topic::topicName).forEach(unread::add);
        unread.removeAll(dispatcher.topics());
        assertEquals(Set.of(Topic.TELEMETRY.topicName(), Topic.ROLLOUT_COMMANDS.topicName(), Topic.EXPLORATION.topicName()), unread);
    }

    @Test
    void namesBytesThatAreNoFramedRecord() {
        for (byte[] garbage : List.of(new byte[0], new byte[] {0}, new byte[] {1, 2, 3, 4, 5, 6}, new byte[] {0, 0, 0, 9, 9, 1})) {
            dispatcher.dispatch(raw(Topic.AGGREGATES, "edge", garbage));
        }
        assertEquals(4, problems().unreadable());
        assertEquals("parallax.aggregates", problems().recentUnreadable().get(0).topic());
    }

    @Test
    void goesOnAfterRecordsWhoseBodyIsDamaged() {
        byte[] good;
        try (AvroRecordSerializer<PlanProfile> serializer = new AvroRecordSerializer<>(registry)) {
            good = serializer.serialize(Topic.PLANS.topicName(), Records.plan("p", "edge", false, "m", 0,
                    List.of(Records.branch("L0.B0", 0, Placement.CPU, 3, 1_000, "why"))).build());
        }
        Random random = new Random(11);
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = good.clone();
            for (int hit = 0; hit <= i % 4; hit++) {
                damaged[ConfluentFraming.HEADER_BYTES + random.nextInt(good.length - ConfluentFraming.HEADER_BYTES)] =
                        (byte) random.nextInt();
            }
            dispatcher.dispatch(raw(Topic.PLANS, "p", damaged));
        }
        assertTrue(problems().unreadable() > 100, "only " + problems().unreadable() + " were refused");
        dispatcher.dispatch(raw(Topic.PLANS, "p", good));
        assertTrue(view.plan(new ClassKey("edge", false), "p").isPresent());
    }

    @Test
    void refusesAnArrayThatClaimsMoreItemsThanItsRecordHasBytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int id = registry.register("parallax.threshold-acks-value", ThresholdAck.getClassSchema());
        bytes.write(new byte[] {0, 0, 0, 0, (byte) id});
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeString("a");
        encoder.writeString("edge");
        encoder.writeBoolean(false);
        encoder.writeLong(1);
        encoder.writeString("r");
        encoder.writeEnum(1);
        encoder.writeIndex(0);
        encoder.writeNull();
        encoder.writeArrayStart();
        encoder.setItemCount(Integer.MAX_VALUE - 10L);
        encoder.flush();
        dispatcher.dispatch(raw(Topic.THRESHOLD_ACKS, "a", bytes.toByteArray()));
        assertEquals(1, problems().unreadable());
    }

    @Test
    void namesARecordOfAnotherTopicsType() {
        dispatcher.dispatch(raw(Topic.AGGREGATES, "edge", deviceBytes()));
        assertTrue(problems().recentUnreadable().get(0).reason().contains("expected"), problems().recentUnreadable().toString());
    }

    @Test
    void doesNotBlameTheRecordWhileTheRegistryIsAway() {
        byte[] bytes = deviceBytes();
        registry.up = false;
        assertThrows(SchemaRegistryException.class, () -> dispatcher.dispatch(raw(Topic.DEVICES, "a", bytes)));
        assertEquals(0, problems().unreadable());
        registry.up = true;
        dispatcher.dispatch(raw(Topic.DEVICES, "a", bytes));
        assertEquals(1, view.snapshot(0).classes().get(0).devices());
    }
}
