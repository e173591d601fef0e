package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.parallaxfleet.quickstart.observe.TextTable;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax topics}: creates what is missing. */
@Command(name = "topics", mixinStandardHelpOptions = true,
        description = "Creates the fleet's topics that are missing and lists them all; topics that exist are left as they are.")
final class TopicsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection;

    @Option(names = "--replication", paramLabel = "N", description = "Replicas of each new topic (default: the broker's).")
    private Short replication;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        List<Topic> created;
        try (Admin admin = connection.admin()) {
            created = TopicCatalogue.createMissing(admin, Optional.ofNullable(replication));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode array = new ObjectMapper().createArrayNode();
            for (Topic topic : Topic.values()) {
                array.addObject().put("topic", topic.topicName()).put("key", topic.key().name())
                        .put("value", topic.schema().getFullName()).put("cleanup", topic.cleanup().name())
                        .put("partitions", topic.partitions()).put("created", created.contains(topic));
            }
            out.println(array.toPrettyString());
            return 0;
        }
        TextTable table = new TextTable(List.of("topic", "key", "value", "cleanup", "partitions", ""));
        for (Topic topic : Topic.values()) {
            table.row(topic.topicName(), topic.key().name(), topic.schema().getName(), topic.cleanup().name(),
                    String.valueOf(topic.partitions()), created.contains(topic) ? "created" : "was there");
        }
        table.lines().forEach(out::println);
        return 0;
    }
}
