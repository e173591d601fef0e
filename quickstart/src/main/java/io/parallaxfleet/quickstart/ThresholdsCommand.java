package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.quickstart.observe.TextTable;
import io.parallaxfleet.quickstart.rollout.RolloutBook;
import io.parallaxfleet.quickstart.rollout.RolloutText;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.serde.AvroRecordSerializer;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.uplink.KeyFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax thresholds}: what is in force, and setting it by hand. */
@Command(name = "thresholds", mixinStandardHelpOptions = true, description = "Shows or sets the delegation thresholds of device classes.",
        subcommands = {ThresholdsCommand.Show.class, ThresholdsCommand.Assign.class})
final class ThresholdsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say 'thresholds show' or 'thresholds set'");
    }

    @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows the newest published thresholds of every class, and what a share of it tries.")
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConnectionOptions connection;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            List<ThresholdUpdate> published = new RolloutBook(List.of(), TopicSnapshot.read(connection.clientSettings(),
                            connection.registry(), Topic.THRESHOLDS, ThresholdUpdate.class), List.of())
                    .classes().stream()
                    .flatMap(one -> Stream.concat(one.baseline().stream(), one.candidate().stream()))
                    .toList();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                ArrayNode array = new ObjectMapper().createArrayNode();
                published.forEach(update -> array.add(toJson(update)));
                out.println(array.toPrettyString());
                return 0;
            }
            if (published.isEmpty()) {
                out.println("No thresholds are published: every device delegates by its built-in ones.");
                return 0;
            }
            TextTable table = new TextTable(
                    List.of("class", "label", "epoch", "share", "thresholds", "stage", "issued by", "at", "reason"));
            for (ThresholdUpdate update : published) {
                table.row(update.getDeviceClass(), update.getSimulated() ? "SIMULATED" : "MEASURED",
                        String.valueOf(update.getEpoch()), RolloutText.share(update.getMembershipPerMille()),
                        ThresholdSheet.describe(update), update.getStage().name(), update.getIssuedBy(),
                        update.getIssuedAt().toString(), update.getReason());
            }
            table.lines().forEach(out::println);
            return 0;
        }
    }

    @Command(name = "set", mixinStandardHelpOptions = true,
            description = "Publishes thresholds for a class as its next epoch; its devices apply them and re-plan.")
    static final class Assign implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ConnectionOptions connection;

        @Option(names = "--class", required = true, paramLabel = "CLASS", description = "Device class, as 'thresholds show' or the dashboard names it.")
        private String deviceClass;

        @Option(names = "--thresholds", required = true, paramLabel = "TEXT",
                description = "N=3,F=1e9,B/F=0.1 (parts left out keep the paper's value), 'never' or 'paper'.")
        private String thresholds;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it is kept with the thresholds.")
        private String reason;

        @Option(names = "--issued-by", paramLabel = "NAME", defaultValue = "${user.name}", description = "Who (default: ${DEFAULT-VALUE}).")
        private String issuedBy;

        @Option(names = "--key-file", paramLabel = "FILE",
                description = "Fleet key to sign with, for agents that ask for signatures.")
        private Path keyFile;

        @Option(names = "--json", description = "Print what was published as JSON.")
        private boolean json;

        @Override
        public Integer call() {
            DelegationPolicy policy;
            try {
                policy = ThresholdText.parse(thresholds);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--thresholds: " + e.getMessage(), e);
            }
            if (deviceClass.isBlank() || reason.isBlank()) {
                throw new CommandLine.ParameterException(spec.commandLine(), "--class and --reason must not be blank");
            }
            ThresholdSheet sheet = new ThresholdSheet(TopicSnapshot.read(
                    connection.clientSettings(), connection.registry(), Topic.THRESHOLDS, ThresholdUpdate.class));
            ThresholdUpdate update = sheet.next(deviceClass, policy, issuedBy, reason, Clock.systemUTC().instant());
            if (keyFile != null) {
                update = signature().sign(update);
            }
            warnIfUnknown();
            publish(update);
            PrintWriter out = spec.commandLine().getOut();
            out.println(json ? toJson(update).toPrettyString()
                    : "Published epoch " + update.getEpoch() + " for class " + deviceClass + ": " + ThresholdSheet.describe(update));
            return 0;
        }

        private ThresholdSignature signature() {
            try {
                return KeyFile.read(keyFile);
            } catch (IllegalArgumentException e) {
                throw new StartupException(e.getMessage(), e);
            }
        }

        private void warnIfUnknown() {
            Set<String> known = new TreeSet<>();
            TopicSnapshot.read(connection.clientSettings(), connection.registry(), Topic.DEVICES, DeviceProfile.class)
                    .forEach(profile -> known.add(profile.getDeviceClass()));
            if (!known.contains(deviceClass)) {
                spec.commandLine().getErr().println("Note: no device of class " + deviceClass + " has announced itself; known classes: "
                        + (known.isEmpty() ? "none" : String.join(", ", known)));
            }
        }

        private void publish(ThresholdUpdate update) {
            Map<String, Object> settings = new HashMap<>(connection.clientSettings());
            settings.put("acks", "all");
            settings.put("max.block.ms", 15_000);
            try (Producer<String, ThresholdUpdate> producer = new KafkaProducer<>(
                    settings, new StringSerializer(), new AvroRecordSerializer<>(connection.registry()))) {
                producer.send(new ProducerRecord<>(Topic.THRESHOLDS.topicName(), update.getDeviceClass(), update)).get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted; the thresholds may not be published", e);
            } catch (ExecutionException | KafkaException e) {
                throw new StartupException("the brokers at " + connection.bootstrap() + " did not take the thresholds: "
                        + e.getMessage() + "; 'parallax topics' creates missing topics", e);
            }
        }
    }

    private static ObjectNode toJson(ThresholdUpdate update) {
        return new ObjectMapper().createObjectNode()
                .put("deviceClass", update.getDeviceClass())
                .put("simulated", update.getSimulated())
                .put("epoch", update.getEpoch())
                .put("mode", update.getMode().name())
                .put("minOperators", update.getMinOperators())
                .put("minMacs", update.getMinMacs())
                .put("maxBytesPerMac", update.getMaxBytesPerMac())
                .put("membershipPerMille", update.getMembershipPerMille())
                .put("stage", update.getStage().name())
                .put("issuedBy", update.getIssuedBy())
                .put("issuedAt", update.getIssuedAt().toString())
                .put("reason", update.getReason());
    }
}
