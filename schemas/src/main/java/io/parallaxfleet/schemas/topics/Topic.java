package io.parallaxfleet.schemas.topics;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DeadLetter;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.RolloutCommand;
import io.parallaxfleet.schemas.avro.RolloutEvent;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * The topics of the fleet: name, record type, key, cleanup policy and partition count, in one place so that every
 * producer, consumer and the topic creator agree.
 */
public enum Topic {
    DEVICES("parallax.devices", DeviceProfile.getClassSchema(), Key.DEVICE_ID, Cleanup.COMPACT, 4),
    PLANS("parallax.plans", PlanProfile.getClassSchema(), Key.PLAN_ID, Cleanup.COMPACT, 4),
    TELEMETRY("parallax.telemetry", InferenceTelemetry.getClassSchema(), Key.DEVICE_ID, Cleanup.DELETE, 8),
    AGGREGATES("parallax.aggregates", ClassAggregate.getClassSchema(), Key.DEVICE_CLASS, Cleanup.DELETE, 4),
    /** One partition: an agent reads the whole topic and must see the epochs of its class in order. */
    THRESHOLDS("parallax.thresholds", ThresholdUpdate.getClassSchema(), Key.THRESHOLD_KEY, Cleanup.COMPACT, 1),
    THRESHOLD_ACKS("parallax.threshold-acks", ThresholdAck.getClassSchema(), Key.DEVICE_ID, Cleanup.DELETE, 4),
    ROLLOUTS("parallax.rollouts", RolloutEvent.getClassSchema(), Key.DEVICE_CLASS, Cleanup.NONE, 1),
    /** One partition: commands are followed in the order in which people gave them. */
    ROLLOUT_COMMANDS("parallax.rollout-commands", RolloutCommand.getClassSchema(), Key.DEVICE_CLASS, Cleanup.NONE, 1),
    /** One partition: an agent reads the whole topic. */
    EXPLORATION("parallax.exploration", ExplorationAdvice.getClassSchema(), Key.EXPLORATION_KEY, Cleanup.COMPACT, 1),
    DEAD_LETTERS("parallax.dead-letters", DeadLetter.getClassSchema(), Key.NONE, Cleanup.DELETE, 1);

    /** What the record key holds; keys are UTF-8 strings. */
    public enum Key {
        DEVICE_ID,
        PLAN_ID,
        DEVICE_CLASS,
        /** As {@link io.parallaxfleet.schemas.thresholds.ThresholdKeys} says. */
        THRESHOLD_KEY,
        /** As {@link io.parallaxfleet.schemas.exploration.ExplorationKeys} says. */
        EXPLORATION_KEY,
        NONE
    }

    /** What is dropped: old records of a key (the last value matters), old records by the broker's time, or, as of an audit, nothing. */
    public enum Cleanup {
        COMPACT(Map.of("cleanup.policy", "compact")),
        DELETE(Map.of("cleanup.policy", "delete")),
        NONE(Map.of("cleanup.policy", "delete", "retention.ms", "-1", "retention.bytes", "-1"));

        private final Map<String, String> configuration;

        Cleanup(Map<String, String> configuration) {
            this.configuration = configuration;
        }
    }

    private final String topicName;
    private final Schema schema;
    private final Key key;
    private final Cleanup cleanup;
    private final int partitions;

    Topic(String topicName, Schema schema, Key key, Cleanup cleanup, int partitions) {
        this.topicName = topicName;
        this.schema = schema;
        this.key = key;
        this.cleanup = cleanup;
        this.partitions = partitions;
    }

    public String topicName() {
        return topicName;
    }

    /** The current writer schema of the topic's values. */
    public Schema schema() {
        return schema;
    }

    /** The registry subject of the topic's values, by Confluent's topic-name strategy. */
    public String valueSubject() {
        return topicName + "-value";
    }

    public Key key() {
        return key;
    }

    public Cleanup cleanup() {
        return cleanup;
    }

    public int partitions() {
        return partitions;
    }

    /** Topic-level configuration for the creator. */
    public Map<String, String> configuration() {
        return cleanup.configuration;
    }
}
