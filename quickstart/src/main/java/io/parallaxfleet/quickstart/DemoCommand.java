package io.parallaxfleet.quickstart;

import io.parallaxfleet.uplink.DurationText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax demo}: the whole system on this machine. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs the whole system on this machine: a Kafka broker, a schema registry, the Flink job, device agents on the real"
                + " hardware, a simulated fleet and the dashboard. Shows how the fleet's telemetry changes what its devices delegate. Ends with"
                + " a summary of every device class before and after, and leaves nothing but the models' cache.")
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--duration", paramLabel = "TIME", converter = DurationText.class,
            description = "End this long after everything is ready, e.g. 2m (default: run until Ctrl-C).")
    private Duration duration;

    @Option(names = "--headless", description = "No dashboard; the terminal says the same.")
    private boolean headless;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8088", description = "Port of the dashboard (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--agents", paramLabel = "N", defaultValue = "2",
            description = "Device agents on this machine; they measure in turns (default: ${DEFAULT-VALUE}).")
    private int agents;

    @Option(names = "--simulated", paramLabel = "N", defaultValue = "20",
            description = "Devices of the simulated fleet (default: ${DEFAULT-VALUE}).")
    private int simulated;

    @Option(names = "--profile", paramLabel = "NAME", split = ",", defaultValue = "fast-gpu",
            description = "Kinds of simulated devices, see 'parallax simulate --help' (default: ${DEFAULT-VALUE}).")
    private List<String> profiles;

    @Option(names = "--models", paramLabel = "A,B,C", split = ",",
            description = "Models of the zoo or .onnx files that the devices run (default: those of 'parallax agent').")
    private List<String> models = List.of();

    @Option(names = "--thresholds", paramLabel = "TEXT", defaultValue = "paper",
            description = "What every device starts with: paper, never or N=3,F=1e9,B/F=0.1 (default: ${DEFAULT-VALUE}).")
    private String thresholds;

    @Option(names = "--explore", paramLabel = "P", defaultValue = "0.4",
            description = "Share of bursts that try another plan; high, so that two minutes are enough (default: ${DEFAULT-VALUE}).")
    private double explore;

    @Option(names = "--broker-port", paramLabel = "PORT", description = "Port of the broker (default: 9092, or any where that is taken).")
    private Integer brokerPort;

    @Option(names = "--registry-port", paramLabel = "PORT",
            description = "Port of the schema registry (default: 8081, or any where that is taken).")
    private Integer registryPort;

    @Option(names = "--cache", paramLabel = "DIR", description = "Models (default: ~/.cache/parallax-fleet).")
    private Path cache;

    @Option(names = "--json", description = "One JSON object a line on standard output: ready, status, summary; progress on standard error.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Path directory = Directories.temporary("parallax-demo-", "the demo");
        System.setProperty("parallax.log", directory.resolve("quickstart.log").toString());
        // Some verb's constants may have made Avro's loggers with the command line, before this was known.
        Configurator.reconfigure();
        DemoOptions options = options(directory);
        Narrator narrator = new Narrator(spec.commandLine().getOut(), spec.commandLine().getErr(), json, System::nanoTime);
        // Closed last: the JVM waits for the directory's end too.
        try (UntilEnd end = new UntilEnd()) {
            boolean sound = false;
            try {
                sound = new DemoRun(options, Optional.ofNullable(duration), end, narrator).run();
                return sound ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
            } finally {
                if (sound) {
                    Directories.delete(directory);
                } else if (Directories.keepLogs(directory)) {
                    narrator.say("logs are kept in " + directory);
                }
            }
        }
    }

    private DemoOptions options(Path directory) {
        try {
            return new DemoOptions(agents, simulated, profiles, models, headless ? OptionalInt.empty() : OptionalInt.of(port),
                    optional(brokerPort), optional(registryPort), thresholds, thresholds, explore, Duration.ofSeconds(5),
                    Duration.ofSeconds(10), directory, Optional.ofNullable(cache), AgentProcess.defaultJar());
        } catch (IllegalArgumentException e) {
            Directories.delete(directory);
            throw new CommandLine.ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
