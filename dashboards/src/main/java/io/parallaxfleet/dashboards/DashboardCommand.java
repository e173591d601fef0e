package io.parallaxfleet.dashboards;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.parallaxfleet.dashboards.source.KafkaSourceOptions;
import io.parallaxfleet.dashboards.view.ViewLimits;
import io.parallaxfleet.schemas.topics.BrokerUnavailableException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code parallax dashboard}: serves the live dashboard until it is stopped. */
@Command(
        name = "dashboard",
        mixinStandardHelpOptions = true,
        description = "Serves the live dashboard of a fleet, fed from its Kafka topics, until Ctrl-C.")
public final class DashboardCommand implements Callable<Integer> {
    @Option(names = "--bootstrap", paramLabel = "HOST:PORT[,...]", defaultValue = "${PARALLAX_BOOTSTRAP:-127.0.0.1:9092}",
            description = "Kafka brokers; also PARALLAX_BOOTSTRAP (default: ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(names = "--registry", paramLabel = "URL", defaultValue = "${PARALLAX_REGISTRY:-http://127.0.0.1:8081}",
            description = "Schema registry; also PARALLAX_REGISTRY (default: ${DEFAULT-VALUE}).")
    private URI registry;

    @Option(names = "--bind", defaultValue = "127.0.0.1", paramLabel = "ADDRESS",
            description = "Address to listen on; 0.0.0.0 shows the page to the network (default: ${DEFAULT-VALUE}).")
    private String bindAddress;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "8088", description = "Port of the page, 0 for a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--history", defaultValue = "30", paramLabel = "MINUTES",
            description = "Minutes of aggregates to show (default: ${DEFAULT-VALUE}).")
    private int historyMinutes;

    @Option(names = "--duration", paramLabel = "TIME", converter = TimeText.class,
            description = "End after this time, e.g. 90s or 2m (default: run until Ctrl-C).")
    private Duration duration;

    @Option(names = "--json", description = "Print machine-readable lines on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** For a process or container of its own. */
    public static void main(String[] arguments) {
        // A default, so that embedding applications keep their own logging.
        if (System.getProperty("log4j2.configurationFile") == null) {
            System.setProperty("log4j2.configurationFile", "classpath:io/parallaxfleet/dashboards/log4j2.properties");
        }
        // The JDK's server waits for ever for a request that never ends, unless it is told not to.
        System.setProperty("sun.net.httpserver.maxReqTime", "20");
        System.exit(new CommandLine(new DashboardCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        err.println("connecting to Kafka at " + bootstrap + " ...");
        err.flush();
        try (DashboardServer server = DashboardServer.start(options())) {
            CountDownLatch stop = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown, "dashboard-stop"));
            ready(out, server.uri());
            if (duration == null) {
                stop.await();
            } else if (!stop.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
                err.println(spec.qualifiedName() + ": stopped after " + duration.toSeconds() + " s");
                err.flush();
            }
            return CommandLine.ExitCode.OK;
        } catch (BrokerUnavailableException | DashboardException | IllegalArgumentException e) {
            err.println(spec.qualifiedName() + ": " + e.getMessage());
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    /** Hours, minutes or seconds as the JDK writes them after "PT"; a bare number is seconds. */
    private static final class TimeText implements CommandLine.ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Duration.parse("PT" + text.strip() + (text.matches(".*\\d\\s*") ? "S" : ""));
            } catch (DateTimeParseException e) {
                throw new CommandLine.TypeConversionException("'" + text + "' is not a duration; write e.g. 90s, 2m or 1h");
            }
        }
    }

    private DashboardOptions options() {
        KafkaSourceOptions usual = KafkaSourceOptions.of(bootstrap, registry);
        Duration history = Duration.ofMinutes(historyMinutes);
        KafkaSourceOptions kafka = new KafkaSourceOptions(bootstrap, registry, history, usual.decisionHistory(), usual.startTimeout(),
                usual.probeInterval());
        ViewLimits limits = ViewLimits.defaults().withSeriesAge(history);
        return new DashboardOptions(kafka, bindAddress, port, limits);
    }

    private void ready(PrintWriter out, URI uri) {
        if (json) {
            ObjectNode line = new ObjectMapper().createObjectNode();
            line.put("event", "ready").put("uri", uri.toString()).put("bootstrap", bootstrap).put("registry", registry.toString());
            out.println(line);
        } else {
            out.println("dashboard: " + uri);
        }
        out.flush();
    }
}
