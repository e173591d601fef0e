package io.parallaxfleet.quickstart;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.job.JobTuning;
import io.parallaxfleet.schemas.topics.Topic;
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

    @Mixin
    private JobTuning tuning;

    @Option(names = "--parallelism", paramLabel = "N", defaultValue = "2", description = "Slots of the cluster (default: ${DEFAULT-VALUE}).")
    private int parallelism;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        JobOptions options = options();
        try (Admin admin = connection.admin()) {
            TopicCatalogue.createMissing(admin, Optional.empty());
        }
        // The job asks the registry with its first record; a wrong address is to be known before somebody waits for results.
        connection.registry().register(Topic.AGGREGATES.valueSubject(), Topic.AGGREGATES.schema());
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
            return tuning.toOptions(connection.bootstrap(), connection.registryUrl());
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
