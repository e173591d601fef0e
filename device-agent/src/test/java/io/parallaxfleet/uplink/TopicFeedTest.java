package io.parallaxfleet.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.topics.Topic;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class TopicFeedTest {
    private static final BrokerAddress NOWHERE = BrokerAddress.parse("127.0.0.1:1", "http://127.0.0.1:2");

    private final ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    private final List<ThresholdUpdate> updates = new ArrayList<>();
    private final AgentEvents events = new AgentEvents(new PrintStream(OutputStream.nullOutputStream()),
            new PrintStream(warnings, true, StandardCharsets.UTF_8), false, Clock.systemUTC());
    private final TopicFeed<ThresholdUpdate> feed = new TopicFeed<>(NOWHERE, new HttpSchemaRegistry(NOWHERE.registry()), Topic.THRESHOLDS,
            ThresholdUpdate.class, updates::addAll, events);

    @Test
    void garbage_on_the_topic_is_counted_and_named_by_its_place() {
        feed.decode(record(7, "{}"), updates);
        feed.decode(record(9, ""), updates);
        assertEquals(2, feed.ignored());
        assertEquals(List.of(), updates);
        List<String> lines = warnings.toString(StandardCharsets.UTF_8).lines().toList();
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.get(1).contains("parallax.thresholds/0@9") && lines.get(1).contains("2 so far"), lines.get(1));
    }

    @Test
    void a_tombstone_is_no_garbage() {
        feed.decode(new ConsumerRecord<>(Topic.THRESHOLDS.topicName(), 0, 3, new byte[0], null), updates);
        assertEquals(0, feed.ignored());
    }

    @Test
    void a_topic_of_several_partitions_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> new TopicFeed<>(NOWHERE, new HttpSchemaRegistry(NOWHERE.registry()),
                Topic.TELEMETRY, InferenceTelemetry.class, ignored -> { }, events));
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String value) {
        return new ConsumerRecord<>(Topic.THRESHOLDS.topicName(), 0, offset, new byte[0], value.getBytes(StandardCharsets.UTF_8));
    }
}
