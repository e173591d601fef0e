package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax broker}: the embedded broker as a process. */
@Command(name = "broker", mixinStandardHelpOptions = true,
        description = "Runs one Kafka broker on 127.0.0.1 for trying things; it has one replica of everything and no access control.")
final class BrokerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = {"--port", "--broker-port"}, paramLabel = "PORT", defaultValue = "9092",
            description = "Port, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--data", paramLabel = "DIRECTORY", description = "Keep the topics here (default: a temporary directory that is deleted).")
    private Path data;

    @Option(names = "--json", description = "Print the address as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        try (UntilEnd end = new UntilEnd();
                EmbeddedKafka broker = EmbeddedKafka.start(port, Optional.ofNullable(data))) {
            spec.commandLine().getOut().println(json
                    ? new ObjectMapper().createObjectNode().put("bootstrap", broker.bootstrapServers()).toString()
                    : "Kafka broker at " + broker.bootstrapServers() + " (Ctrl-C ends it)");
            end.await();
        }
        return 0;
    }
}
