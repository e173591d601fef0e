package io.parallaxfleet.dashboards.view;

import java.time.Instant;

/** Where a record was read, and when it was written there. */
public record RecordPosition(String topic, int partition, long offset, Instant writtenAt) {
    @Override
    public String toString() {
        return topic + "[" + partition + "]@" + offset;
    }
}
