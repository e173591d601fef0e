package io.parallaxfleet.job;

import io.parallaxfleet.operators.fit.FitOptions;
import io.parallaxfleet.operators.fit.SampleSelection;
import io.parallaxfleet.operators.rollout.BeforeAfter;
import io.parallaxfleet.operators.rollout.RolloutOptions;
import io.parallaxfleet.schemas.avro.Objective;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * How the job is to run, as words on a command line, before it is checked; the same wherever the job is started.
 *
 * <p>Choices are words here too: a field of the contracts' or the connector's type would load their classes with the command line of
 * every verb, and Avro's start logging before a verb has said where to.
 */
public final class JobTuning {
    @Option(names = "--group", defaultValue = JobOptions.DEFAULT_GROUP,
            description = "Kafka consumer group, and the job's name in what it publishes (default: ${DEFAULT-VALUE}).")
    private String group;

    @Option(names = "--window", defaultValue = "10s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "Length of the event-time windows, as 500ms, 10s, 5m, 1h (default: ${DEFAULT-VALUE}).")
    private Duration window;

    @Option(names = "--out-of-orderness", defaultValue = "3s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "How long a window waits for late records (default: ${DEFAULT-VALUE}).")
    private Duration outOfOrderness;

    @Option(names = "--idleness", defaultValue = "5s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "After this a silent partition no longer holds windows open (default: ${DEFAULT-VALUE}).")
    private Duration idleness;

    @Option(names = "--fit-interval", defaultValue = "15s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "Event time between two fits of a class (default: ${DEFAULT-VALUE}).")
    private Duration fitInterval;

    @Option(names = "--checkpoint-interval", defaultValue = "1s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "Time between two checkpoints. With exactly-once delivery, "
                    + "results appear that much later (default: ${DEFAULT-VALUE}).")
    private Duration checkpointInterval;

    @Option(names = "--checkpoint-dir", paramLabel = "URI", description = "Where checkpoints go (default: as the cluster says).")
    private String checkpointDirectory;

    @Option(names = "--delivery", defaultValue = "exactly-once", paramLabel = "HOW",
            description = "exactly-once: in transactions, visible to readers of committed records at the next checkpoint; "
                    + "at-least-once: at once, repeated by a restart (default: ${DEFAULT-VALUE}).")
    private String delivery;

    @Option(names = "--transaction-timeout", defaultValue = "15m", converter = DurationConverter.class, paramLabel = "TIME",
            description = "Results of a job that is down for longer are lost; "
                    + "at most the brokers' transaction.max.timeout.ms (default: ${DEFAULT-VALUE}).")
    private Duration transactionTimeout;

    @Option(names = "--min-regions", defaultValue = "10",
            description = "Distinct regions that must have run on the accelerator before "
                    + "a cost model is believed (default: ${DEFAULT-VALUE}).")
    private int minRegions;

    @Option(names = "--min-samples", defaultValue = "30",
            description = "Inferences of a model needed under either epoch before a rollout is judged (default: ${DEFAULT-VALUE}).")
    private int minSamples;

    @Option(names = "--min-improvement", defaultValue = "0.03", paramLabel = "SHARE",
            description = "Predicted share of time that new thresholds must save (default: ${DEFAULT-VALUE}).")
    private double minImprovement;

    @Option(names = "--objective", defaultValue = "latency", paramLabel = "WHAT",
            description = "What thresholds minimise and rollouts of small classes are judged by: latency, energy or balanced. Energy is "
                    + "only compared by one and the same source (default: ${DEFAULT-VALUE}).")
    private String objective;

    @Option(names = "--guard", defaultValue = "0.25", paramLabel = "SHARE",
            description = "What the objective leaves out, energy or latency, must not surely become "
                    + "worse by more than this (default: ${DEFAULT-VALUE}).")
    private double guardWorseBy;

    @Option(names = "--look-interval", defaultValue = "30s", converter = DurationConverter.class, paramLabel = "TIME",
            description = "Event time between two looks at the devices of rollouts in stages (default: ${DEFAULT-VALUE}).")
    private Duration lookInterval;

    @Option(names = "--patience", defaultValue = "6h", converter = DurationConverter.class, paramLabel = "TIME",
            description = "A rollout that is not decided for this long asks for a person (default: ${DEFAULT-VALUE}).")
    private Duration patience;

    @Option(names = "--max-foreign-cpu", defaultValue = "0.5", paramLabel = "SHARE",
            description = "Runs beside more foreign load than this are not learnt from (default: ${DEFAULT-VALUE}).")
    private double maxForeignCpuShare;

    /** @throws IllegalArgumentException in one line that names what is wrong */
    public JobOptions toOptions(String bootstrap, URI registry) {
        SampleSelection selection = new SampleSelection(maxForeignCpuShare, SampleSelection.defaults().allowCoRunning());
        BeforeAfter judge = new BeforeAfter(minSamples, BeforeAfter.defaults().minCoverage(),
                BeforeAfter.defaults().worseByToRollBack());
        RolloutOptions rollout = RolloutOptions.defaults().withGates(minImprovement, judge).withTimes(lookInterval, patience)
                .withObjective(objectiveNamed(objective), guardWorseBy);
        return new JobOptions(bootstrap, registry, group, window, outOfOrderness, idleness, fitInterval,
                new CheckpointOptions(checkpointInterval, Optional.ofNullable(checkpointDirectory), Delivery.named(delivery),
                        transactionTimeout),
                FitOptions.defaults().withMinDistinctRegions(minRegions), selection,
                rollout);
    }

    private static Objective objectiveNamed(String text) {
        return switch (text) {
            case "latency" -> Objective.LATENCY;
            case "energy" -> Objective.ENERGY;
            case "balanced" -> Objective.BALANCED;
            default -> throw new IllegalArgumentException(
                    "'" + text + "' is not an objective; there are latency, energy and balanced");
        };
    }

    /** Reads {@code 500ms}, {@code 10s}, {@code 5m} and {@code 1h}. */
    static final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

        @Override
        public Duration convert(String text) {
            Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new CommandLine.TypeConversionException("'" + text + "' is not a time; write 500ms, 10s, 5m or 1h");
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        }
    }
}
