package io.parallaxfleet.job;

import io.parallaxfleet.schemas.registry.SchemaRegistryException;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine;

/** Entry point of the job's jar: reads the command line, creates missing topics and submits the job. */
public final class JobMain {
    private static final int BROKER_TIMEOUT_MILLIS = 10_000;

    private JobMain() {}

    /** The job cannot be started; the message is one line for the person who started it. */
    static final class StartFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StartFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Ends with status 1 and one line on standard error when the job cannot be started. It leaves by an exception rather than by
     * {@code System.exit}, which would end the JobManager where the job is started through its REST API.
     */
    public static void main(String[] args) throws Exception {
        Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {
            if (failure instanceof StartFailure) {
                System.err.println(failure.getMessage());
            } else {
                failure.printStackTrace();
            }
        });
        Optional<JobOptions> options = parse(args);
        if (options.isPresent()) {
            JobClient client = submit(options.get());
            System.out.println("submitted " + FleetJob.NAME + " as job " + client.getJobID() + ", reading Kafka at "
                    + options.get().bootstrap());
        }
    }

    /** The options; empty when the command line asked for help, which is then printed. */
    public static Optional<JobOptions> parse(String[] args) {
        JobArguments arguments = new JobArguments();
        CommandLine commandLine = new CommandLine(arguments);
        try {
            commandLine.parseArgs(args);
            if (commandLine.isUsageHelpRequested()) {
                commandLine.usage(System.out);
                return Optional.empty();
            }
            return Optional.of(arguments.toOptions());
        } catch (CommandLine.ParameterException | IllegalArgumentException e) {
            throw new StartFailure(e.getMessage().lines().findFirst().orElse("bad arguments") + "; see --help", e);
        }
    }

    private static JobClient submit(JobOptions options) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, BROKER_TIMEOUT_MILLIS))) {
            TopicCatalogue.createMissing(admin, Optional.empty());
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            FleetJob.build(env, options);
            return env.executeAsync(FleetJob.NAME);
        } catch (BrokerUnavailableException | KafkaException e) {
            throw new StartFailure("cannot start: Kafka at " + options.bootstrap() + " did not answer within "
                    + BROKER_TIMEOUT_MILLIS / 1000 + " s; check --bootstrap and that a broker is running", e);
        } catch (SchemaRegistryException e) {
            throw new StartFailure("cannot start: " + e.getMessage(), e);
        }
    }
}
