package io.parallaxfleet.quickstart;

import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import java.net.URI;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Option;

/** Where the fleet's Kafka brokers and schema registry are. */
final class ConnectionOptions {
    @Option(names = "--bootstrap", paramLabel = "HOST:PORT[,...]", defaultValue = "${PARALLAX_BOOTSTRAP:-127.0.0.1:9092}",
            description = "Kafka brokers; also PARALLAX_BOOTSTRAP (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(names = "--registry", paramLabel = "URL", defaultValue = "${PARALLAX_REGISTRY:-http://127.0.0.1:8081}",
            description = "Schema registry; also PARALLAX_REGISTRY (default: ${DEFAULT-VALUE}).")
    private URI registry;

    String bootstrap() {
        return bootstrap;
    }

    URI registryUrl() {
        return registry;
    }

    /** Settings that every Kafka client of a command starts from. */
    Map<String, Object> clientSettings() {
        return clientSettings(bootstrap);
    }

    static Map<String, Object> clientSettings(String bootstrap) {
        return Map.of("bootstrap.servers", bootstrap);
    }

    SchemaRegistry registry() {
        return new HttpSchemaRegistry(registry);
    }

    Admin admin() {
        try {
            return Admin.create(Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 5_000, "default.api.timeout.ms", 10_000));
        } catch (KafkaException e) {
            throw new StartupException("the bootstrap address '" + bootstrap + "' cannot be used: " + rootMessage(e)
                    + "; give --bootstrap host:port", e);
        }
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
