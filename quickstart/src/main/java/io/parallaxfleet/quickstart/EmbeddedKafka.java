package io.parallaxfleet.quickstart;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka broker that is its own KRaft controller, in this process, reachable from this machine only. For trying things
 * and for tests: one replica of everything. Not to be closed from two threads at once.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final int NODE_ID = 1;
    /** Any id does; a fixed one lets a kept data directory be opened again. */
    private static final String CLUSTER_ID = "cGFyYWxsYXgtZmxlZXQtMQ";
    private static final int PORT_ATTEMPTS = 5;

    private final KafkaRaftServer server;
    private final int port;
    private final Path data;
    private final boolean deleteOnClose;

    private EmbeddedKafka(KafkaRaftServer server, int port, Path data, boolean deleteOnClose) {
        this.server = server;
        this.port = port;
        this.data = data;
        this.deleteOnClose = deleteOnClose;
    }

    /** Starts on a free port with a temporary data directory that is deleted at the end. */
    public static EmbeddedKafka start() {
        return start(0, Optional.empty());
    }

    /**
     * Starts a broker.
     *
     * @param port where clients connect on 127.0.0.1; 0 takes a free one
     * @param dataDirectory kept at the end and opened again at the next start; empty uses a temporary one
     * @throws StartupException when the port is taken or the broker does not come up
     */
    public static EmbeddedKafka start(int port, Optional<Path> dataDirectory) {
        if (port != 0) {
            Ports.requireFree(port, "the Kafka broker", "--broker-port");
        }
        Path data = dataDirectory.orElseGet(() -> Directories.temporary("parallax-kafka-", "the Kafka broker"));
        RuntimeException last = null;
        for (int attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
            // The controller's port, and a chosen client port, can be taken between the choice and the bind.
            int clientPort = port == 0 ? Ports.free() : port;
            try {
                return new EmbeddedKafka(startServer(clientPort, Ports.free(), data), clientPort, data, dataDirectory.isEmpty());
            } catch (RuntimeException e) {
                last = e;
            }
        }
        if (dataDirectory.isEmpty()) {
            Directories.delete(data);
        }
        throw new StartupException("the embedded Kafka broker did not start: " + last.getMessage()
                + "; its log names the cause", last);
    }

    /** What clients give as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
        if (deleteOnClose) {
            Directories.delete(data);
        }
    }

    private static KafkaRaftServer startServer(int clientPort, int controllerPort, Path data) {
        Properties settings = settings(clientPort, controllerPort, data);
        format(data);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings, false), Time.SYSTEM);
        try {
            server.startup();
        } catch (RuntimeException e) {
            server.shutdown();
            throw e;
        }
        return server;
    }

    private static Properties settings(int clientPort, int controllerPort, Path data) {
        Properties settings = new Properties();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", String.valueOf(NODE_ID));
        settings.setProperty("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
        settings.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + clientPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("log.dirs", data.toString());
        settings.setProperty("auto.create.topics.enable", "false");
        settings.setProperty("default.replication.factor", "1");
        settings.setProperty("min.insync.replicas", "1");
        settings.setProperty("offsets.topic.replication.factor", "1");
        settings.setProperty("offsets.topic.num.partitions", "1");
        settings.setProperty("transaction.state.log.replication.factor", "1");
        settings.setProperty("transaction.state.log.min.isr", "1");
        settings.setProperty("transaction.state.log.num.partitions", "1");
        settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
        settings.setProperty("share.coordinator.state.topic.min.isr", "1");
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // A broker for one machine shares its cores and heap with what it serves.
        settings.setProperty("num.network.threads", "2");
        settings.setProperty("num.io.threads", "2");
        settings.setProperty("background.threads", "2");
        settings.setProperty("log.cleaner.dedupe.buffer.size", String.valueOf(8 << 20));
        settings.setProperty("controlled.shutdown.enable", "false");
        return settings;
    }

    private static void format(Path data) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Formatter formatter = new Formatter()
                .setNodeId(NODE_ID)
                .setClusterId(CLUSTER_ID)
                .setControllerListenerName("CONTROLLER")
                .setDirectories(List.of(data.toString()))
                .setMetadataLogDirectory(data.toString())
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setIgnoreFormatted(true)
                .setPrintStream(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            formatter.run();
        } catch (Exception e) {
            // Formatter.run declares Exception.
            throw new StartupException("the broker's data directory " + data + " cannot be formatted: " + e.getMessage()
                    + "; give an empty or an earlier one", e);
        }
    }
}
