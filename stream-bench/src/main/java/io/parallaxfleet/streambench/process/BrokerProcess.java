package io.parallaxfleet.streambench.process;

import io.parallaxfleet.quickstart.EmbeddedKafka;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaStore;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;

/** The broker and the registry in a process of their own. Says {@code READY bootstrap registry}; ends with its input. */
public final class BrokerProcess {
    private BrokerProcess() {}

    /** @param arguments the directory of the data */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        try (EmbeddedKafka kafka = EmbeddedKafka.start(0, Optional.of(Path.of(arguments[0])));
                EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(SchemaStore.inMemory(), 0)) {
            answers.println("READY " + kafka.bootstrapServers() + " " + registry.url());
            // Nothing is asked of it.
            System.in.read();
        }
        System.exit(0);
    }
}
