package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.streambench.process.CommittedAggregates;
import java.net.URI;
import java.time.Duration;

/** Adds up the whole inferences of a class over the committed short windows. Not thread-safe. */
final class CommittedCount implements AutoCloseable {
    private final CommittedAggregates aggregates;
    private final String deviceClass;
    private long inferences;
    private int mostDevices;

    CommittedCount(String bootstrap, URI registry, String deviceClass) {
        this.deviceClass = deviceClass;
        this.aggregates = new CommittedAggregates(bootstrap, registry);
    }

    /** Reads on for a moment, then all that came so far. */
    long inferences() {
        for (ClassAggregate window : aggregates.poll(Duration.ofMillis(500)).decoded()) {
            if (window.getBranch() == null && !window.getRollup() && window.getDeviceClass().equals(deviceClass)) {
                inferences += window.getCount() + window.getColdCount() + window.getInvalidCount() + window.getFallbackCount();
                mostDevices = Math.max(mostDevices, window.getDevices());
            }
        }
        return inferences;
    }

    /** The most devices that a window had, as the job estimates them. */
    int mostDevices() {
        return mostDevices;
    }

    @Override
    public void close() {
        aggregates.close();
    }
}
