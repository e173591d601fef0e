package io.parallaxfleet.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

class ThresholdFeedTest {
    private static final BrokerAddress NOWHERE = BrokerAddress.parse("127.0.0.1:1", "http://127.0.0.1:2");

    private final ByteArrayOutputStream warnings = new ByteArrayOutputStream();
    private final List<ThresholdUpdate> updates = new ArrayList<>();
    private final ThresholdFeed feed = new ThresholdFeed(NOWHERE, new HttpSchemaRegistry(NOWHERE.registry()), updates::addAll,
            new AgentEvents(new PrintStream(OutputStream.nullOutputStream()), new PrintStream(warnings, true, StandardCharsets.UTF_8),
                    false, Clock.systemUTC()));

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

    private static ConsumerRecord<byte[], byte[]> record(long offset, String value) {
        return new ConsumerRecord<>(Topic.THRESHOLDS.topicName(), 0, offset, new byte[0], value.getBytes(StandardCharsets.UTF_8));
    }
}
