package io.parallaxfleet.quickstart.faults;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** One of several Kafka brokers on this machine, each a controller too, with three replicas of everything: the process's main class. */
public final class BrokerNode {
    private static final String CLUSTER_ID = "cGFyYWxsYXgtZmF1bHRzMQ";

    private BrokerNode() {}

    /** Arguments: this node's number from 0, its data directory, then the client and the controller port of every node in turn. */
    public static void main(String[] arguments) throws Exception {
        int node = Integer.parseInt(arguments[0]);
        String directory = arguments[1];
        int[] ports = Arrays.stream(arguments, 2, arguments.length).mapToInt(Integer::parseInt).toArray();
        format(node, directory);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings(node, directory, ports), false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "shut-down"));
        server.startup();
        server.awaitShutdown();
    }

    private static Properties settings(int node, String directory, int[] ports) {
        List<String> voters = new ArrayList<>();
        for (int other = 0; other < ports.length / 2; other++) {
            voters.add(other + "@127.0.0.1:" + ports[2 * other + 1]);
        }
        Properties settings = new Properties();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", String.valueOf(node));
        settings.setProperty("controller.quorum.voters", String.join(",", voters));
        settings.setProperty("listeners",
                "PLAINTEXT://127.0.0.1:" + ports[2 * node] + ",CONTROLLER://127.0.0.1:" + ports[2 * node + 1]);
        settings.setProperty("controller.listener.names", "CONTROLLER");
        settings.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.setProperty("log.dirs", directory);
        settings.setProperty("auto.create.topics.enable", "false");
        // What was acknowledged is on two disks at least, so that one broker may die at any moment.
        settings.setProperty("default.replication.factor", "3");
        settings.setProperty("min.insync.replicas", "2");
        settings.setProperty("unclean.leader.election.enable", "false");
        settings.setProperty("offsets.topic.replication.factor", "3");
        settings.setProperty("offsets.topic.num.partitions", "3");
        settings.setProperty("transaction.state.log.replication.factor", "3");
        settings.setProperty("transaction.state.log.min.isr", "2");
        settings.setProperty("transaction.state.log.num.partitions", "3");
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // A dead broker is missed sooner than by default; the run waits for that often enough.
        settings.setProperty("broker.session.timeout.ms", "6000");
        settings.setProperty("broker.heartbeat.interval.ms", "1000");
        settings.setProperty("num.network.threads", "2");
        settings.setProperty("num.io.threads", "2");
        settings.setProperty("background.threads", "2");
        settings.setProperty("log.cleaner.dedupe.buffer.size", String.valueOf(8 << 20));
        return settings;
    }

    private static void format(int node, String directory) throws Exception {
        new Formatter()
                .setNodeId(node)
                .setClusterId(CLUSTER_ID)
                .setControllerListenerName("CONTROLLER")
                .setDirectories(List.of(directory))
                .setMetadataLogDirectory(directory)
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setIgnoreFormatted(true)
                .setPrintStream(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8))
                .run();
    }
}
