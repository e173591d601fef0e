package io.parallaxfleet.schemas.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TopicTest {
    @ParameterizedTest
    @EnumSource(Topic.class)
    void every_topic_has_a_legal_name_and_at_least_one_partition(Topic topic) {
        org.apache.kafka.common.internals.Topic.validate(topic.topicName());
        assertTrue(topic.topicName().startsWith("parallax."));
        assertTrue(topic.partitions() >= 1);
        assertEquals(topic.topicName() + "-value", topic.valueSubject());
    }

    @Test
    void what_only_the_last_value_matters_of_is_compacted_and_nothing_else() {
        assertEquals(EnumSet.of(Topic.DEVICES, Topic.PLANS, Topic.THRESHOLDS, Topic.EXPLORATION), cleanedBy(Map.of("cleanup.policy", "compact")));
    }

    @Test
    void who_did_what_and_why_is_kept_for_ever_and_everything_else_expires() {
        assertEquals(EnumSet.of(Topic.ROLLOUTS, Topic.ROLLOUT_COMMANDS),
                cleanedBy(Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1")));
        assertEquals(EnumSet.of(Topic.TELEMETRY, Topic.AGGREGATES, Topic.THRESHOLD_ACKS, Topic.DEAD_LETTERS),
                cleanedBy(Map.of("cleanup.policy", "delete")));
    }

    private static Set<Topic> cleanedBy(Map<String, String> configuration) {
        Set<Topic> topics = EnumSet.noneOf(Topic.class);
        for (var topic : Topic.values()) {
            if (topic.configuration().equals(configuration)) {
                topics.add(topic);
            }
        }
        return topics;
    }

    @Test
    void a_compacted_topic_has_a_key() {
        for (var topic : Topic.values()) {
            if (topic.cleanup() == Topic.Cleanup.COMPACT) {
                assertTrue(topic.key() != Topic.Key.NONE, topic.topicName());
            }
        }
    }

    @Test
    void no_two_topics_share_a_name_or_a_record_type() {
        var topics = Topic.values();
        assertEquals(topics.length, Arrays.stream(topics).map(t -> t.topicName()).distinct().count());
        assertEquals(topics.length, Arrays.stream(topics).map(t -> t.schema().getFullName()).distinct().count());
    }

    @Test
    void thresholds_keep_the_order_of_epochs_in_one_partition() {
        assertEquals(1, Topic.THRESHOLDS.partitions());
    }

    @Test
    void commands_and_their_answers_keep_their_order_in_one_partition() {
        assertEquals(1, Topic.ROLLOUT_COMMANDS.partitions());
        assertEquals(1, Topic.ROLLOUTS.partitions());
    }

    @Test
    void advice_is_read_whole_from_one_partition() {
        assertEquals(1, Topic.EXPLORATION.partitions());
    }

    @ParameterizedTest
    @EnumSource(Topic.class)
    void every_enum_of_every_contract_has_a_default_so_that_old_readers_survive_new_symbols(
            Topic topic) {
        assertEnumsHaveDefaults(topic.schema());
    }

    private static void assertEnumsHaveDefaults(Schema schema) {
        switch (schema.getType()) {
            case ENUM -> assertNotNull(schema.getEnumDefault(), schema.getFullName());
            case RECORD -> schema.getFields().forEach(field -> assertEnumsHaveDefaults(field.schema()));
            case ARRAY -> assertEnumsHaveDefaults(schema.getElementType());
            case MAP -> assertEnumsHaveDefaults(schema.getValueType());
            case UNION -> schema.getTypes().forEach(TopicTest::assertEnumsHaveDefaults);
            case FIXED, STRING, BYTES, INT, LONG, FLOAT, DOUBLE, BOOLEAN, NULL -> { }
        }
    }
}
