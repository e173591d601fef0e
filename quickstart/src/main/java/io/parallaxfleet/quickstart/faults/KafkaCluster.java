package io.parallaxfleet.quickstart.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;

/** Three brokers, each a process. */
final class KafkaCluster implements AutoCloseable {
    private final List<JavaProcess> brokers = new ArrayList<>();
    private final String bootstrap;
    private final Admin admin;

    private KafkaCluster(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 5_000, "default.api.timeout.ms", 20_000));
    }

    /** @param ports of clients and of controllers, in turn */
    static KafkaCluster start(Path directory, Path jar, List<Integer> ports) throws IOException {
        KafkaCluster cluster = new KafkaCluster(IntStream.range(0, FaultSettings.BROKERS)
                .mapToObj(broker -> "127.0.0.1:" + ports.get(2 * broker))
                .collect(Collectors.joining(",")));
        try {
            for (int broker = 0; broker < FaultSettings.BROKERS; broker++) {
                List<String> arguments = new ArrayList<>(List.of(String.valueOf(broker),
                        Files.createDirectories(directory.resolve("broker-" + broker)).toString()));
                ports.forEach(port -> arguments.add(String.valueOf(port)));
                cluster.brokers.add(JavaProcess.start(new JavaProcess.Command("broker-" + broker,
                        List.of("-Xmx256m", "-Dparallax.log=" + directory.resolve("kafka-" + broker + ".log")), List.of(jar),
                        BrokerNode.class.getName(), arguments, Map.of()), directory));
            }
            Eventually.holds(Duration.ofMinutes(4), "the three brokers", cluster::isWhole, cluster.brokers.get(0)::lastLines);
            return cluster;
        } catch (RuntimeException | IOException e) {
            cluster.close();
            throw e;
        }
    }

    String bootstrap() {
        return bootstrap;
    }

    Admin admin() {
        return admin;
    }

    List<JavaProcess> brokers() {
        return List.copyOf(brokers);
    }

    private boolean isWhole() {
        try {
            return admin.describeCluster().nodes().get().size() == FaultSettings.BROKERS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            return false;
        }
    }

    /** Whether every partition has all its replicas in step again; until then no other broker may die. */
    boolean isInSync() {
        try {
            Map<String, TopicDescription> topics =
                    admin.describeTopics(admin.listTopics(new ListTopicsOptions().listInternal(true))
                            .names().get()).allTopicNames().get();
            return isWhole() && topics.values().stream().flatMap(topic -> topic.partitions().stream())
                    .allMatch(partition -> partition.isr().size() == partition.replicas().size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            return false;
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
        // One after the other would each wait for a quorum of those already gone.
        brokers.forEach(JavaProcess::kill);
        brokers.forEach(JavaProcess::close);
    }
}
