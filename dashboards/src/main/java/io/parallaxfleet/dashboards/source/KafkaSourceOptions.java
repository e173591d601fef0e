package io.parallaxfleet.dashboards.source;

import java.net.URI;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Which topics to read and how far back.
 *
 * @param bootstrap Kafka bootstrap servers, host:port separated by commas
 * @param registry base URL of the schema registry
 * @param windowHistory how far back aggregates are read at the start
 * @param decisionHistory how far back acknowledgements, rollout events and dead letters are read at the start
 * @param startTimeout how long the first contact with the brokers may take
 * @param probeInterval how often the brokers are asked whether they are there
 */
public record KafkaSourceOptions(
        String bootstrap,
        URI registry,
        Duration windowHistory,
        Duration decisionHistory,
        Duration startTimeout,
        Duration probeInterval) {
    public KafkaSourceOptions {
        if (bootstrap.isBlank()) {
            throw new IllegalArgumentException("the bootstrap address is empty; give host:port");
        }
        if (registry.getScheme() == null || !registry.getScheme().startsWith("http")) {
            throw new IllegalArgumentException("the schema registry '" + registry + "' is not an http or https URL");
        }
        requirePositive("windowHistory", windowHistory);
        requirePositive("decisionHistory", decisionHistory);
        requirePositive("startTimeout", startTimeout);
        requirePositive("probeInterval", probeInterval);
    }

    /** Half an hour of windows, a day of decisions; 10 s to connect, a look at the brokers every 5 s. */
    public static KafkaSourceOptions of(String bootstrap, URI registry) {
        return new KafkaSourceOptions(bootstrap, registry, Duration.ofMinutes(30), Duration.ofHours(24), Duration.ofSeconds(10),
                Duration.ofSeconds(5));
    }

    /** What every client of the brokers starts from; the caller's own. */
    Properties clientProperties() {
        Properties properties = new Properties();
        properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(CommonClientConfigs.CLIENT_ID_CONFIG, "parallax-dashboard");
        properties.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 2_000);
        return properties;
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be positive");
        }
    }
}
