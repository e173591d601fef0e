package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.topics.Topic;
import java.util.List;
import java.util.function.Consumer;

/** All that a device hears from its fleet. One feed each, so that trouble with advice never holds a threshold update up. */
public final class FleetFeeds implements AutoCloseable {
    private final TopicFeed<ThresholdUpdate> thresholds;
    private final TopicFeed<ExplorationAdvice> advice;

    /** Reads from here on; the listeners are called on a thread of each feed. */
    public static FleetFeeds start(BrokerAddress address, SchemaRegistry registry, Consumer<List<ThresholdUpdate>> onThresholds,
            Consumer<List<ExplorationAdvice>> onAdvice, AgentEvents events) {
        FleetFeeds feeds = new FleetFeeds(
                new TopicFeed<>(address, registry, Topic.THRESHOLDS, ThresholdUpdate.class, onThresholds, events),
                new TopicFeed<>(address, registry, Topic.EXPLORATION, ExplorationAdvice.class, onAdvice, events));
        feeds.thresholds.start();
        feeds.advice.start();
        return feeds;
    }

    private FleetFeeds(TopicFeed<ThresholdUpdate> thresholds, TopicFeed<ExplorationAdvice> advice) {
        this.thresholds = thresholds;
        this.advice = advice;
    }

    @Override
    public void close() {
        advice.close();
        thresholds.close();
    }
}
