package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.topics.Topic;
import org.apache.avro.specific.SpecificRecord;

/** Takes records for the fleet and delivers them later, in order. Thread-safe; never waits for a broker. */
@FunctionalInterface
public interface Outbox {
    void send(Topic topic, String key, SpecificRecord value);
}
