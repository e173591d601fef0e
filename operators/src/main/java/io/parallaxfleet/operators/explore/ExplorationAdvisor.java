package io.parallaxfleet.operators.explore;

import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** Tells the devices of a class to explore more after drift. A later alarm renews it, and nothing takes it back: it expires. Immutable. */
public final class ExplorationAdvisor {
    private final Duration fitInterval;
    private final String issuer;

    /**
     * @param fitInterval event time from one fit of a class to the next
     * @param issuer name of this job in what it publishes
     */
    public ExplorationAdvisor(Duration fitInterval, String issuer) {
        this.fitInterval = Objects.requireNonNull(fitInterval, "fitInterval");
        this.issuer = Objects.requireNonNull(issuer, "issuer");
    }

    /** What a fit has to say to the class's devices; empty: nothing. */
    public Optional<ExplorationAdvice> advise(ClassFit fit, Instant fitTime) {
        ExplorationDemand demand = ExplorationDemand.of(Optional.ofNullable(fit.drift()), fitTime, fitInterval);
        if (demand instanceof ExplorationDemand.More more) {
            return Optional.of(ExplorationAdvice.newBuilder()
                    .setDeviceClass(fit.classKey().deviceClass())
                    .setSimulated(fit.classKey().simulated())
                    .setShareFactor(more.shareFactor())
                    .setIssuedAt(more.from())
                    .setExpiresAt(more.until())
                    .setReason("drift: " + more.evidence().describe())
                    .setIssuedBy(issuer)
                    .build());
        }
        return Optional.empty();
    }
}
