package io.parallaxfleet.operators.explore.flink;

import io.parallaxfleet.operators.explore.ExplorationAdvisor;
import io.parallaxfleet.operators.rollout.ClassFit;
import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link ExplorationAdvisor} on every fit, at the event time of the timer that made it. Keeps no state: a fit says its drift once. */
public final class ExploreFunction extends ProcessFunction<ClassFit, ExplorationAdvice> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(ExploreFunction.class);

    private final Duration fitInterval;
    private final String issuer;

    private transient ExplorationAdvisor advisor;

    public ExploreFunction(Duration fitInterval, String issuer) {
        this.fitInterval = fitInterval;
        this.issuer = issuer;
    }

    @Override
    public void open(OpenContext context) {
        advisor = new ExplorationAdvisor(fitInterval, issuer);
    }

    @Override
    public void processElement(ClassFit fit, Context context, Collector<ExplorationAdvice> out) {
        Optional<ExplorationAdvice> advice = advisor.advise(fit, Instant.ofEpochMilli(context.timestamp()));
        advice.ifPresent(asked -> {
            LOG.info("{}: asked to explore {} times as much until {}", fit.classKey(), asked.getShareFactor(), asked.getExpiresAt());
            out.collect(asked);
        });
    }
}
