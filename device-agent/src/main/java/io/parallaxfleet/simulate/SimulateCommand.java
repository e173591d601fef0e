package io.parallaxfleet.simulate;

import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.engine.EngineVersion;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.process.OrderlyEnd;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.ThresholdText;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.BrokerAddress;
import io.parallaxfleet.uplink.FleetConnectionOptions;
import io.parallaxfleet.uplink.FleetFeeds;
import io.parallaxfleet.uplink.KafkaOutbox;
import io.parallaxfleet.uplink.KafkaSink;
import io.parallaxfleet.workload.DefaultModels;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.uplink.DurationText;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code parallax simulate}. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Runs a simulated fleet: real plans, modelled time, memory, energy and faults; thousands of devices in one process.",
            "Everything it sends is marked as simulated and its classes start with 'sim-'."
        })
public final class SimulateCommand implements Callable<Integer> {
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
    private static final long RETRY_SECONDS = 2;
    private static final Duration GRACE = Duration.ofSeconds(15);

    @Mixin
    private FleetConnectionOptions fleet;

    @Option(names = "--devices", paramLabel = "N", defaultValue = "50", description = "Devices of each profile (default: ${DEFAULT-VALUE}).")
    private int devices;

    @Option(names = "--profile", paramLabel = "NAME", split = ",", defaultValue = "fast-gpu",
            description = "Kinds of devices: fast-gpu, slow-gpu, npu, slow-bus (default: ${DEFAULT-VALUE}).")
    private List<String> profiles;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "2",
            description = "Inferences a second of each device, on average (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--explore", paramLabel = "P", defaultValue = "0.1",
            description = "Share of bursts that try a plan the thresholds would not give (default: ${DEFAULT-VALUE}).")
    private double explore;

    @Option(names = "--max-explore", paramLabel = "P", defaultValue = "0.3",
            description = "Share that the job may ask for at most, after drift and for a while (default: ${DEFAULT-VALUE}).")
    private double maxExplore;

    @Option(names = "--slower", paramLabel = "FACTOR", defaultValue = "1",
            description = "Every run takes so many times as long from --slower-after on, as after a bad driver (default: ${DEFAULT-VALUE}).")
    private double slower;

    @Option(names = "--slower-after", paramLabel = "TIME", converter = DurationText.class, defaultValue = "2m",
            description = "See --slower (default: ${DEFAULT-VALUE}).")
    private Duration slowerAfter;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "42", description = "Equal seeds give equal fleets (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--models", paramLabel = "A,B,C", split = ",", description = "Models whose plans are simulated (default: as agent).")
    private List<String> models = DefaultModels.NAMES;

    @Option(names = "--thresholds", paramLabel = "TEXT", defaultValue = "paper",
            description = "Start with these: N=3,F=1e9,B/F=0.1 or never or paper (default: ${DEFAULT-VALUE}).")
    private String thresholds;

    @Option(names = "--cache", paramLabel = "DIR", description = "Models (default: ~/.cache/parallax-fleet).")
    private Path cacheDirectory;

    @Spec
    private CommandSpec spec;

    private final Clock clock = Clock.systemUTC();
    private final CountDownLatch stop = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        List<SimulatedProfile> kinds = profiles.stream().map(this::profile).toList();
        DelegationPolicy start = policy();
        BrokerAddress address = fleet.address();
        if (devices < 1 || !(rate > 0) || !(slower > 0)) {
            throw new ParameterException(spec.commandLine(), "--devices must be >= 1, --rate and --slower above 0");
        }
        ExplorationLimits exploration = exploration();
        AgentEvents events = new AgentEvents(System.out, System.err, fleet.json(), clock);
        try (OrderlyEnd end = OrderlyEnd.onSignals(stop::countDown, GRACE)) {
            fleet.whenParentEnds(() -> end.begin(0));
            return run(kinds, start, exploration, address, events);
        } catch (ModelFormatException | UncheckedIOException e) {
            events.warn(e.getMessage());
            return 1;
        }
    }

    private int run(List<SimulatedProfile> kinds, DelegationPolicy start, ExplorationLimits exploration, BrokerAddress address,
            AgentEvents events) throws InterruptedException {
        SchemaRegistry registry = new HttpSchemaRegistry(address.registry());
        List<PreparedModel> prepared = prepare(events);
        if (!connected(address, registry, events)) {
            return fleet.failFast() ? 1 : 0;
        }
        try (KafkaOutbox kafka = new KafkaOutbox(address, registry, events)) {
            AckCounter outbox = new AckCounter(kafka, events);
            List<SimulatedDevice> all = new ArrayList<>();
            List<ExplorationShare> shares = new ArrayList<>();
            for (SimulatedProfile kind : kinds) {
                ExplorationShare share = new ExplorationShare(exploration, kind.deviceClass(), true, clock, events);
                shares.add(share);
                all.addAll(devices(kind, prepared, start, share, outbox));
            }
            all.forEach(SimulatedDevice::introduce);
            SimulatedFleet simulated = new SimulatedFleet(all, rate, clock, System::nanoTime);
            events.event("started", all.size() + " simulated devices of " + kinds.stream().map(SimulatedProfile::deviceClass)
                            .collect(Collectors.joining(", ")) + ", " + rate + " inferences/s each",
                    events.fields().put("devices", all.size()).put("simulated", true).put("seed", seed));
            pace(simulated, shares, address, registry, outbox, events);
            events.event("finished", simulated.inferences() + " simulated inferences, " + kafka.lost() + " records lost",
                    events.fields().put("inferences", simulated.inferences()).put("lost", kafka.lost()).put("simulated", true));
            return 0;
        }
    }

    private void pace(SimulatedFleet simulated, List<ExplorationShare> shares, BrokerAddress address, SchemaRegistry registry,
            AckCounter outbox, AgentEvents events) throws InterruptedException {
        ExecutorService replanning = Executors.newSingleThreadExecutor();
        try (FleetFeeds feeds = FleetFeeds.start(address, registry, updates -> replanning.execute(() -> {
                    simulated.receive(updates);
                    outbox.report();
                }), advice -> shares.forEach(share -> share.accept(advice)), events)) {
            long begin = System.nanoTime();
            long[] said = {begin};
            simulated.run(begin + fleet.duration().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2), stop, () -> {
                long now = System.nanoTime();
                if (now - said[0] >= STATUS_EVERY.toNanos()) {
                    said[0] = now;
                    events.event("status", simulated.inferences() + " simulated inferences",
                            events.fields().put("inferences", simulated.inferences()).put("simulated", true));
                }
            });
        } finally {
            replanning.shutdown();
            replanning.awaitTermination(GRACE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private List<SimulatedDevice> devices(SimulatedProfile kind, List<PreparedModel> prepared, DelegationPolicy start,
            ExplorationShare share, AckCounter outbox) {
        AgentEvents quiet = new AgentEvents(new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(OutputStream.nullOutputStream()), false, clock);
        DeviceIdentity first = identity(kind, 0);
        long slowerFromNanos = System.nanoTime() + slowerAfter.toNanos();
        SimulatedDevice.Shared shared = new SimulatedDevice.Shared(kind, prepared,
                new PlanLibrary((graph, node) -> OpenClOperators.refusal(graph, node).isEmpty(), kind.performanceCores(), seed),
                new PlanBook(first, EngineVersion.CURRENT, outbox), outbox, quiet, clock, System::nanoTime, start, share,
                fleet.signature(), UUID.randomUUID().toString(),
                () -> System.nanoTime() - slowerFromNanos < 0 ? 1 : slower);
        List<SimulatedDevice> made = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            made.add(new SimulatedDevice(identity(kind, i), shared, seed * 1_000_003 + kind.name().hashCode() * 31L + i));
        }
        return made;
    }

    private DeviceIdentity identity(SimulatedProfile kind, int index) {
        return new DeviceIdentity(String.format(Locale.ROOT, "%s-s%d-%05d", kind.deviceClass(), seed, index), kind.deviceClass(), true);
    }

    private List<PreparedModel> prepare(AgentEvents events) {
        ModelCache cache = ModelCache.at(cacheDirectory);
        List<PreparedModel> prepared = new ArrayList<>();
        for (String model : models) {
            events.info("preparing " + model + " ...");
            prepared.add(ModelPreparation.prepare(
                    ModelCatalogue.resolve(model, cache.zoo()), Map.of(), cache.prepared()));
        }
        return prepared;
    }

    /** Waits for the broker; says once that it is away. */
    private boolean connected(BrokerAddress address, SchemaRegistry registry, AgentEvents events) throws InterruptedException {
        boolean said = false;
        try (KafkaSink sink = new KafkaSink(address, registry)) {
            do {
                Optional<String> problem = sink.connect();
                if (problem.isEmpty()) {
                    return true;
                }
                if (!said) {
                    events.warn(problem.get() + (fleet.failFast() ? "" : "; it is tried again"));
                    said = true;
                }
                if (fleet.failFast()) {
                    return false;
                }
            } while (!stop.await(RETRY_SECONDS, TimeUnit.SECONDS));
            return false;
        }
    }

    private SimulatedProfile profile(String name) {
        return SimulatedProfile.named(name).orElseThrow(() -> new ParameterException(spec.commandLine(), "'" + name
                + "' is not a profile; there are " + SimulatedProfile.ALL.stream().map(SimulatedProfile::name).collect(Collectors.joining(", "))));
    }

    private ExplorationLimits exploration() {
        try {
            return new ExplorationLimits(explore, maxExplore);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private DelegationPolicy policy() {
        try {
            return ThresholdText.parse(thresholds);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
