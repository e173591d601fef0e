package io.parallaxfleet.agent;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.EngineVersion;
import io.parallaxfleet.execute.Accelerator.AcceleratorDescription;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ShapeSeries;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.telemetry.DeviceProfiler;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.DurationText;
import io.parallaxfleet.uplink.FleetConnectionOptions;
import io.parallaxfleet.workload.DefaultModels;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ObjectiveOptions;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parallax agent}. */
@Command(
        name = "agent",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs models on this device, reports every inference, and re-plans when the fleet publishes new thresholds.",
            "Telemetry waits on disk while the broker is away. Agents of one machine measure in turns."
        })
public final class AgentCommand implements Callable<Integer> {
    /** For the model that is being loaded or the inference that runs, and for what the broker still takes. */
    private static final Duration GRACE = Duration.ofSeconds(25);

    @Mixin
    private FleetConnectionOptions fleet;

    @Option(names = "--device-id", paramLabel = "ID", description = "Unique in the fleet (default: this host's name).")
    private String deviceId;

    @Option(names = "--models", paramLabel = "A,B,C", split = ",",
            description = "Models of the zoo or .onnx files (default: all-minilm-l6-v2,ppocrv4-det,squeezenet1_1,mobilenet_v2,googlenet).")
    private List<String> models = DefaultModels.NAMES;

    @Option(names = "--dim", paramLabel = "NAME=SIZE", description = "Value of a symbolic dimension; may be repeated.")
    private Map<String, Long> dimensions = Map.of();

    @Option(names = "--shapes", paramLabel = "MODEL=INPUT:SHAPES",
            description = "Run a model at several shapes in turn, each by its own plan, as in all-minilm-l6-v2=input_ids:1x32,1x128;"
                    + " may be repeated.")
    private Map<String, String> shapes = Map.of();

    @Option(names = "--thresholds", paramLabel = "TEXT",
            description = "Start with these instead of the last good ones: N=3,F=1e9,B/F=0.1 or never or paper.")
    private String thresholds;

    @Option(names = "--explore", paramLabel = "P", defaultValue = "0.05",
            description = "Share of bursts that try a plan the thresholds would not give (default: ${DEFAULT-VALUE}).")
    private double explore;

    @Option(names = "--max-explore", paramLabel = "P", defaultValue = "0.1",
            description = "Share that the fleet may ask for at most, after drift and for a while (default: ${DEFAULT-VALUE}).")
    private double maxExplore;

    @Option(names = "--interval", paramLabel = "TIME", converter = DurationText.class, defaultValue = "200ms",
            description = "Pause between bursts (default: ${DEFAULT-VALUE}).")
    private Duration interval;

    @Option(names = "--state-dir", paramLabel = "DIR", description = "Policy file and spool (default: ~/.local/state/parallax-fleet/ID).")
    private Path stateDirectory;

    @Option(names = "--cache", paramLabel = "DIR", description = "Models and the measuring turn, shared by a machine's agents (default: ~/.cache/parallax-fleet).")
    private Path cacheDirectory;

    @Option(names = "--threads", paramLabel = "N", description = "CPU threads of the engine (default: the performance cores, at most 6).")
    private Integer threads;

    @Mixin
    private ObjectiveOptions objective;

    @Option(names = "--exact", description = "Run models in their own operators only, even where others were proven faster with outputs that agree.")
    private boolean exact;

    @Option(names = "--no-accelerator", description = "Use no accelerator even where there is one.")
    private boolean noAccelerator;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        Clock clock = Clock.systemUTC();
        AgentEvents events = new AgentEvents(System.out, System.err, fleet.json(), clock);
        AgentOptions options = options();
        AcceleratorChoice choice = noAccelerator ? AcceleratorChoice.none() : AcceleratorChoice.find();
        events.info(choice.note());
        try {
            return run(options, choice.accelerator(), events, clock);
        } catch (StateInUseException | UncheckedIOException e) {
            events.warn(e.getMessage());
            return 1;
        } finally {
            choice.accelerator().ifPresent(Accelerator::close);
        }
    }

    private int run(AgentOptions options, Optional<Accelerator> accelerator, AgentEvents events, Clock clock)
            throws InterruptedException {
        Optional<AcceleratorDescription> description = accelerator.map(Accelerator::description);
        DeviceProfiler profiler = DeviceProfiler.ofThisMachine();
        DeviceIdentity device = profiler.identity(options.deviceId(), description);
        DeviceProfile profile = profiler.profile(device, description, EngineVersion.CURRENT,
                "onnxruntime " + OrtEnvironment.getEnvironment().getVersion(), UUID.randomUUID().toString(), clock.instant());
        LongSupplier nanoTime = System::nanoTime;
        LongSupplier processCpu = ProcessCpuTime::nanos;
        HostFiles host = HostFiles.ofThisMachine();
        BurstRunner.Surroundings surroundings = new BurstRunner.Surroundings(host, new CpuLoad(host, nanoTime, processCpu),
                EnergyMeter.of(host, nanoTime, processCpu), clock, nanoTime, () -> false);
        ModelLoader loader = new EngineModelLoader(options.cacheDirectory(), options.dimensions(), options.shapes(), options.threads(),
                options.objective(), options.exact(), accelerator);
        Agent agent = new Agent(options, device, profile, loader, surroundings, new SplittableRandom(), events);
        try (OrderlyEnd end = OrderlyEnd.onSignals(agent::stop, GRACE)) {
            fleet.whenParentEnds(() -> end.begin(0));
            return agent.run();
        }
    }

    private AgentOptions options() {
        String id = deviceId == null ? hostName() : deviceId;
        Path cache = cacheDirectory == null ? LocalDirectories.cache() : cacheDirectory;
        Path state = stateDirectory == null ? LocalDirectories.state(id) : stateDirectory;
        try {
            EngineOptions engine = EngineOptions.defaults(cache);
            int engineThreads = (threads == null ? engine : engine.withThreads(threads)).threads();
            Optional<DelegationPolicy> start = Optional.ofNullable(thresholds).map(ThresholdText::parse);
            return new AgentOptions(fleet.address(), id, models, dimensions, shapeSeries(), start, new ExplorationLimits(explore, maxExplore),
                    interval, fleet.duration(), state, cache, engineThreads, objective.objective(), exact, fleet.failFast(), fleet.signature());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Map<String, ShapeSeries> shapeSeries() {
        Map<String, ShapeSeries> series = new LinkedHashMap<>();
        shapes.forEach((model, text) -> series.put(model, ShapeSeries.parse(text)));
        return series;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "device";
        }
    }
}
