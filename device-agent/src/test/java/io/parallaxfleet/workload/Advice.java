package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.thresholds.Updates;
import java.time.Duration;
import java.time.Instant;

/** Advice for tests. */
public final class Advice {
    public static final Duration LIFETIME = Duration.ofMinutes(10);

    private Advice() {}

    /** To explore five times as much, for the class of {@link Updates#DEVICE}; change what the test is about. */
    public static ExplorationAdvice.Builder issued(Instant at) {
        return ExplorationAdvice.newBuilder()
                .setDeviceClass(Updates.DEVICE.deviceClass())
                .setSimulated(Updates.DEVICE.simulated())
                .setShareFactor(5)
                .setIssuedAt(at)
                .setExpiresAt(at.plus(LIFETIME))
                .setReason("drift: CPU runs take 1.30 times what they took")
                .setIssuedBy("test");
    }
}
