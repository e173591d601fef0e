package io.parallaxfleet.job;

import java.net.URI;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of the job's jar. Only {@link JobMain} reads it. */
@Command(name = "parallax-job", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Aggregates fleet telemetry, fits each device class's cost model and publishes delegation thresholds.")
final class JobArguments {
    @Option(names = "--bootstrap", required = true, paramLabel = "HOST:PORT", description = "Kafka bootstrap servers.")
    private String bootstrap;

    @Option(names = "--registry", required = true, paramLabel = "URL", description = "Schema registry.")
    private URI registry;

    @Mixin
    private JobTuning tuning;

    JobOptions toOptions() {
        return tuning.toOptions(bootstrap, registry);
    }
}
