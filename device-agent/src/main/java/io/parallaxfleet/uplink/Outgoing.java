package io.parallaxfleet.uplink;

import io.parallaxfleet.schemas.topics.Topic;
import org.apache.avro.specific.SpecificRecord;

/** A record on its way to the fleet. */
public record Outgoing(Topic topic, String key, SpecificRecord value) {}
