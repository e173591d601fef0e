package io.parallaxfleet.operators.decode;

/**
 * A Kafka record as it came.
 *
 * @param timestampMillis the record's Kafka timestamp
 * @param value its bytes; null for a tombstone
 */
public record RawRecord(String topic, int partition, long offset, long timestampMillis, byte[] value) {}
