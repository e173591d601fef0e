package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.uplink.DurationText;
import io.parallaxfleet.job.CheckpointOptions;
import io.parallaxfleet.job.Delivery;
import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax job}: the Flink job on a cluster inside this process. */
@Command(name = "job", mixinStandardHelpOptions = true, sortOptions = false,
        description = {
            "Runs the Flink job on a cluster inside this process, against any Kafka.",
            "On a cluster of your own: flink run -d job/target/parallax-job.jar --bootstrap HOST:PORT --registry URL"
        })
final class JobCommand implements Callable<Integer> {
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connection;

    @Option(names = "--group", paramLabel = "NAME", defaultValue = JobOptions.DEFAULT_GROUP,
            description = "Kafka consumer group, and the job's name in what it publishes (default: ${DEFAULT-VALUE}).")
    private String group;

    @Option(names = "--window", paramLabel = "TIME", converter = DurationText.class, defaultValue = "10s",
            description = "Length of the event-time windows (default: ${DEFAULT-VALUE}).")
    private Duration window;

    @Option(names = "--fit-interval", paramLabel = "TIME", converter = DurationText.class, defaultValue = "15s",
            description = "Event time between two fits of a class (default: ${DEFAULT-VALUE}).")
    private Duration fitInterval;

    @Option(names = "--parallelism", paramLabel = "N", defaultValue = "2", description = "Slots of the cluster (default: ${DEFAULT-VALUE}).")
    private int parallelism;

    @Option(names = "--checkpoint-dir", paramLabel = "URI", description = "Keep checkpoints here (default: lost at the end).")
    private String checkpointDirectory;

    @Option(names = "--checkpoint-interval", paramLabel = "TIME", converter = DurationText.class, defaultValue = "1s",
            description = "Time between two checkpoints; exactly-once results appear that much later (default: ${DEFAULT-VALUE}).")
    private Duration checkpointInterval;

    @Option(names = "--delivery", paramLabel = "HOW", defaultValue = "exactly-once",
            description = "exactly-once: in transactions; at-least-once: at once, repeated by a restart (default: ${DEFAULT-VALUE}).")
    private String delivery;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        JobOptions options = options();
        try (Admin admin = connection.admin()) {
            TopicCatalogue.createMissing(admin, Optional.empty());
        }
        try (UntilEnd end = new UntilEnd()) {
            run(options, end);
        }
        return CommandLine.ExitCode.OK;
    }

    private void run(JobOptions options, UntilEnd end) throws InterruptedException {
        Path directory = Directories.temporary("parallax-job-", "the Flink cluster");
        try (LocalFlink flink = LocalFlink.start(options, parallelism, directory)) {
            announce();
            while (!end.await(LOOK_EVERY)) {
                Optional<String> failure = flink.failure();
                if (failure.isPresent()) {
                    throw new StartupException(failure.get());
                }
            }
        } finally {
            Directories.delete(directory);
        }
    }

    private void announce() {
        String submit = "flink run -d job/target/parallax-job.jar --bootstrap " + connection.bootstrap() + " --registry "
                + connection.registryUrl();
        spec.commandLine().getOut().println(json
                ? new ObjectMapper().createObjectNode().put("event", "running").put("bootstrap", connection.bootstrap())
                        .put("registry", connection.registryUrl().toString()).put("submit", submit).toString()
                : "The job runs in this process, reading Kafka at " + connection.bootstrap()
                        + " (Ctrl-C ends it). On a Flink cluster of your own:\n  " + submit);
    }

    private JobOptions options() {
        try {
            if (parallelism < 1) {
                throw new IllegalArgumentException("--parallelism is " + parallelism + "; at least 1 is needed");
            }
            JobOptions defaults = JobOptions.defaults(connection.bootstrap(), connection.registryUrl());
            return new JobOptions(defaults.bootstrap(), defaults.registry(), group, window, defaults.outOfOrderness(),
                    defaults.idleness(), fitInterval,
                    new CheckpointOptions(checkpointInterval, Optional.ofNullable(checkpointDirectory), Delivery.named(delivery),
                            defaults.checkpoints().transactionTimeout()),
                    defaults.fit(), defaults.selection(), defaults.rollout());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
