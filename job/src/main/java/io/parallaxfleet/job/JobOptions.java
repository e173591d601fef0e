package io.parallaxfleet.job;

import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.operators.rollout.RolloutOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How the job runs; parsed and checked once at the edge.
 *
 * @param bootstrap Kafka bootstrap servers, {@code host:port[,host:port]}
 * @param registry base URL of the schema registry
 * @param group Kafka consumer group, under which read positions are committed; also the name by which the job signs, and of its
 *     transactions: two jobs of one group would abort each other's
 * @param window length of the tumbling event-time windows
 * @param outOfOrderness how long a window waits for records of other devices
 * @param idleness after which a silent partition no longer holds time back
 * @param fitInterval event time between two fits of a class
 * @param checkpoints when state is made durable and results become visible
 * @param fit when a fit is believed
 * @param selection which branch runs the fit may learn from
 * @param rollout how new thresholds reach a class
 */
public record JobOptions(String bootstrap, URI registry, String group, Duration window, Duration outOfOrderness,
        Duration idleness, Duration fitInterval, CheckpointOptions checkpoints,
        FitOptions fit, SampleSelection selection, RolloutOptions rollout) {
    public static final String DEFAULT_GROUP = "parallax-job";

    public JobOptions {
        requireText("bootstrap", bootstrap);
        for (String server : bootstrap.split(",")) {
            if (!server.matches("(\\[[0-9a-fA-F:.]+]|[^\\s:]+):\\d{1,5}")) {
                throw new IllegalArgumentException("bootstrap server '" + server + "' is not host:port");
            }
        }
        Objects.requireNonNull(registry, "registry");
        if (registry.getHost() == null || !("http".equals(registry.getScheme()) || "https".equals(registry.getScheme()))) {
            throw new IllegalArgumentException("registry '" + registry + "' is not an http or https URL");
        }
        requireText("group", group);
        requireBetween("window", window, Duration.ofSeconds(1), Duration.ofHours(24));
        requireBetween("out-of-orderness", outOfOrderness, Duration.ZERO, Duration.ofHours(1));
        requireBetween("idleness", idleness, Duration.ofMillis(100), Duration.ofHours(1));
        requireBetween("fit interval", fitInterval, Duration.ofSeconds(1), Duration.ofHours(24));
        Objects.requireNonNull(checkpoints, "checkpoints");
        Objects.requireNonNull(fit, "fit");
        Objects.requireNonNull(selection, "selection");
        Objects.requireNonNull(rollout, "rollout");
    }

    public static JobOptions defaults(String bootstrap, URI registry) {
        return new JobOptions(bootstrap, registry, DEFAULT_GROUP, Duration.ofSeconds(10), Duration.ofSeconds(3),
                Duration.ofSeconds(5), Duration.ofSeconds(15), CheckpointOptions.defaults(),
                FitOptions.defaults(), SampleSelection.defaults(), RolloutOptions.defaults());
    }

    /** The same with other event-time intervals; devices are looked at with every window. */
    public JobOptions withIntervals(Duration newWindow, Duration newFitInterval) {
        return new JobOptions(bootstrap, registry, group, newWindow, outOfOrderness, idleness, newFitInterval,
                checkpoints, fit, selection, rollout.withTimes(newWindow, rollout.patience()));
    }

    /** The same with checkpoints elsewhere or at another interval. */
    public JobOptions withCheckpoints(Duration interval, Optional<String> directory) {
        return new JobOptions(bootstrap, registry, group, window, outOfOrderness, idleness, fitInterval,
                checkpoints.at(interval, directory), fit, selection, rollout);
    }

    /** The same with other gates of the fit and the rollout. */
    public JobOptions withGates(FitOptions newFit, SampleSelection newSelection, RolloutOptions newRollout) {
        return new JobOptions(bootstrap, registry, group, window, outOfOrderness, idleness, fitInterval, checkpoints,
                newFit, newSelection, newRollout);
    }

    private static void requireText(String name, String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is empty");
        }
    }

    static void requireBetween(String name, Duration value, Duration low, Duration high) {
        if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be in " + low + ".." + high);
        }
    }
}
