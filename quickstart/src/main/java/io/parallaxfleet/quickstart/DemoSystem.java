package io.parallaxfleet.quickstart;

import io.parallaxfleet.dashboards.DashboardOptions;
import io.parallaxfleet.dashboards.DashboardServer;
import io.parallaxfleet.job.JobOptions;
import io.parallaxfleet.quickstart.observe.FleetObserver;
import io.parallaxfleet.schemas.registry.EmbeddedSchemaRegistry;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.registry.TopicSchemaStore;
import io.parallaxfleet.schemas.topics.TopicCatalogue;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;

/**
 * The whole system: broker, registry, Flink job and dashboard in this process, device agents and a simulated fleet in processes
 * of their own. Closing it closes them in the reverse order of their start. One thread at a time.
 */
public final class DemoSystem implements AutoCloseable {
    private static final int USUAL_BROKER_PORT = 9092;
    private static final int USUAL_REGISTRY_PORT = 8081;
    /** Slots of the local cluster. The agents measure on the same cores, so the job takes no more than it needs. */
    private static final int PARALLELISM = 1;

    private final DemoOptions options;
    private final Consumer<String> progress;
    private final BooleanSupplier givenUp;
    /** What is running, the latest first. */
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final List<AgentProcess> processes = new ArrayList<>();
    private EmbeddedKafka broker;
    private URI registryUrl;
    private SchemaRegistry registry;
    private LocalFlink flink;
    private FleetObserver observer;
    private Optional<URI> dashboard = Optional.empty();

    private DemoSystem(DemoOptions options, Consumer<String> progress, BooleanSupplier givenUp) {
        this.options = options;
        this.progress = progress;
        this.givenUp = givenUp;
    }

    /**
     * Starts everything; when a part does not start, what did is closed again.
     *
     * @param progress takes a line for each part
     * @param givenUp asked between two parts; true ends the start
     * @throws StartupException when a part does not start, or the start is given up
     */
    public static DemoSystem start(DemoOptions options, Consumer<String> progress, BooleanSupplier givenUp) {
        DemoSystem system = new DemoSystem(options, progress, givenUp);
        try {
            system.startAll();
            return system;
        } catch (RuntimeException e) {
            system.close();
            throw e;
        }
    }

    public String bootstrap() {
        return broker.bootstrapServers();
    }

    public URI registryUrl() {
        return registryUrl;
    }

    public SchemaRegistry registry() {
        return registry;
    }

    public FleetObserver observer() {
        return observer;
    }

    /** Where the dashboard is; empty without one. */
    public Optional<URI> dashboard() {
        return dashboard;
    }

    /** Agents and the simulated fleet. */
    public List<AgentProcess> processes() {
        return List.copyOf(processes);
    }

    /** Devices that have to announce themselves before the system is complete. */
    public int devices() {
        return options.agents() + options.simulatedDevices() * options.simulatedProfiles().size();
    }

    /** The first component found dead, and why; empty while all live. */
    public Optional<String> casualty() {
        for (AgentProcess process : processes) {
            if (!process.isAlive()) {
                return Optional.of(process.obituary());
            }
        }
        if (flink.failure().isPresent()) {
            return flink.failure();
        }
        return observer.failure().map(e -> "reading the fleet's topics failed: " + e.getMessage());
    }

    /** Ends every component; their files in the directory are no longer written then. */
    @Override
    public void close() {
        // Together they take as long as the slowest, one after the other as long as all.
        processes.forEach(AgentProcess::askToEnd);
        while (!running.isEmpty()) {
            AutoCloseable component = running.pop();
            try {
                component.close();
            } catch (Exception e) {
                // AutoCloseable declares Exception; the others must still be closed.
                progress.accept("closing " + component.getClass().getSimpleName() + " failed: " + e);
            }
        }
    }

    private void startAll() {
        options.dashboardPort().ifPresent(port -> {
            if (port != 0) {
                Ports.requireFree(port, "the dashboard", "--port");
            }
        });
        begin("starting the Kafka broker");
        broker = own(EmbeddedKafka.start(port(options.brokerPort(), USUAL_BROKER_PORT),
                Optional.of(options.directory().resolve("broker"))));
        Map<String, Object> settings = ConnectionOptions.clientSettings(broker.bootstrapServers());
        begin("broker at " + broker.bootstrapServers() + "; starting the schema registry");
        EmbeddedSchemaRegistry server = own(EmbeddedSchemaRegistry.start(
                TopicSchemaStore.open(settings, Optional.empty()), port(options.registryPort(), USUAL_REGISTRY_PORT)));
        registryUrl = server.url();
        registry = new HttpSchemaRegistry(registryUrl);
        try (Admin admin = Admin.create(settings)) {
            TopicCatalogue.createMissing(admin, Optional.empty());
        }
        begin("registry at " + registryUrl + "; starting the devices");
        // They prepare their models while Flink starts.
        startDevices();
        observer = own(FleetObserver.start(settings, registry, options::startPolicy));
        begin("starting the Flink job");
        Path flinkDirectory = Directories.named(options.directory().resolve("flink"), "the Flink job");
        flink = own(LocalFlink.start(jobOptions(), PARALLELISM, flinkDirectory));
        begin("Flink job runs");
        options.dashboardPort().ifPresent(port -> {
            DashboardServer page = own(DashboardServer.start(DashboardOptions.local(broker.bootstrapServers(), registryUrl, port)));
            dashboard = Optional.of(page.uri());
            progress.accept("dashboard at " + page.uri());
        });
    }

    private void begin(String line) {
        if (givenUp.getAsBoolean()) {
            throw new StartupException("ended before everything had started");
        }
        progress.accept(line);
    }

    private JobOptions jobOptions() {
        return JobOptions.defaults(broker.bootstrapServers(), registryUrl).withIntervals(options.window(), options.fitInterval());
    }

    private void startDevices() {
        for (int i = 1; i <= options.agents(); i++) {
            String name = "agent-" + i;
            List<String> arguments = new ArrayList<>(List.of("agent", "--device-id", name, "--thresholds", options.agentThresholds(),
                    "--state-dir", options.directory().resolve(name).toString()));
            startDevice(name, arguments);
        }
        if (options.simulatedDevices() > 0) {
            startDevice("simulated-fleet", new ArrayList<>(List.of("simulate", "--thresholds", options.simulatedThresholds(), "--devices", String.valueOf(options.simulatedDevices()),
                    "--profile", String.join(",", options.simulatedProfiles()))));
        }
    }

    private void startDevice(String name, List<String> arguments) {
        arguments.addAll(List.of("--bootstrap", broker.bootstrapServers(), "--registry", registryUrl.toString(),
                "--explore", String.valueOf(options.exploration()),
                "--parent-pid", String.valueOf(ProcessHandle.current().pid())));
        if (!options.models().isEmpty()) {
            arguments.addAll(List.of("--models", String.join(",", options.models())));
        }
        options.cache().ifPresent(cache -> arguments.addAll(List.of("--cache", cache.toString())));
        processes.add(own(AgentProcess.start(name, options.agentJar(), arguments, options.directory())));
    }

    private static int port(OptionalInt wanted, int usual) {
        // A usual port makes a second terminal's commands work without options.
        return wanted.orElseGet(() -> Ports.isFree(usual) ? usual : 0);
    }

    private <T extends AutoCloseable> T own(T component) {
        running.push(component);
        return component;
    }
}
