package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaStore;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax registry}: the embedded schema registry as a process. */
@Command(name = "registry", mixinStandardHelpOptions = true,
        description = "Runs a small schema registry that speaks Confluent's REST subset and keeps its schemas in the topic _schemas.")
final class RegistryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT[,...]", defaultValue = "${PARALLAX_BOOTSTRAP:-127.0.0.1:9092}",
            description = "Kafka brokers that keep the schemas; also PARALLAX_BOOTSTRAP (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(names = "--bind", paramLabel = "ADDRESS", defaultValue = "127.0.0.1",
            description = "Address to listen on; it asks nobody for a password (default: ${DEFAULT-VALUE}).")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8081", description = "Port, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--in-memory", description = "Keep nothing: no broker is needed, and every schema is lost at the end.")
    private boolean inMemory;

    @Option(names = "--json", description = "Print the address as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        SchemaStore store = inMemory
                ? SchemaStore.inMemory()
                : TopicSchemaStore.open(ConnectionOptions.clientSettings(bootstrap), Optional.empty());
        try (UntilEnd end = new UntilEnd();
                EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(store, host, port)) {
            spec.commandLine().getOut().println(json
                    ? new ObjectMapper().createObjectNode().put("url", registry.url().toString()).toString()
                    : "Schema registry at " + registry.url() + " (Ctrl-C ends it)");
            end.await();
        }
        return 0;
    }
}
