package io.parallaxfleet.simulate;

import io.parallaxfleet.cache.ModelCache;
import io.parallaxfleet.engine.EngineVersion;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.BrokerAddress;
import io.parallaxfleet.uplink.FleetFeeds;
import io.parallaxfleet.uplink.KafkaOutbox;
import io.parallaxfleet.uplink.KafkaSink;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A simulated fleet at a real broker, from the first attempt to connect to the end. {@link #stop} may be called by any thread. */
final class Simulation {
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
    private static final long RETRY_SECONDS = 2;
    /** For plans that are being made when the fleet ends. */
    private static final long REPLANNING_SECONDS = 15;

    private final Settings settings;
    private final Clock clock;
    private final AgentEvents events;
    private final CountDownLatch stop = new CountDownLatch(1);

    /**
     * What is simulated, and where it reports.
     *
     * @param devices of each kind
     * @param inferencesPerSecond of each device, on average
     * @param start thresholds that devices start with
     * @param duration empty: until it is stopped
     * @param failFast whether a broker that does not answer at the start ends it
     */
    record Settings(List<SimulatedProfile> kinds, int devices, double inferencesPerSecond, ExplorationLimits exploration,
            Slowdown slowdown, long seed, List<String> models, DelegationPolicy start, ModelCache cache, BrokerAddress address,
            Optional<Duration> duration, boolean failFast, Optional<ThresholdSignature> signature) {
        /** @throws IllegalArgumentException naming the option that is out of range */
        Settings {
            if (devices < 1) {
                throw new IllegalArgumentException("--devices is " + devices + "; at least 1 is needed");
            }
            if (!(inferencesPerSecond > 0)) {
                throw new IllegalArgumentException("--rate is " + inferencesPerSecond + "; it must be above 0");
            }
            kinds = List.copyOf(kinds);
            models = List.copyOf(models);
        }
    }

    /** From {@code after} on every run takes {@code factor} times as long, as after a bad driver. */
    record Slowdown(double factor, Duration after) {
        /** @throws IllegalArgumentException for a factor that is not above 0 */
        Slowdown {
            if (!(factor > 0)) {
                throw new IllegalArgumentException("--slower is " + factor + "; it must be above 0");
            }
        }
    }

    Simulation(Settings settings, Clock clock, AgentEvents events) {
        this.settings = settings;
        this.clock = clock;
        this.events = events;
    }

    void stop() {
        stop.countDown();
    }

    /** Returns false when no broker answered and that was to end it. */
    boolean run() throws InterruptedException {
        SchemaRegistry registry = new HttpSchemaRegistry(settings.address().registry());
        List<PreparedModel> prepared = prepare();
        if (!connected(registry)) {
            return !settings.failFast();
        }
        try (KafkaOutbox kafka = new KafkaOutbox(settings.address(), registry, events)) {
            AckCounter outbox = new AckCounter(kafka, events);
            List<SimulatedDevice> all = new ArrayList<>();
            List<ExplorationShare> shares = new ArrayList<>();
            for (SimulatedProfile kind : settings.kinds()) {
                ExplorationShare share = new ExplorationShare(settings.exploration(), kind.deviceClass(), true, clock, events);
                shares.add(share);
                all.addAll(devices(kind, prepared, share, outbox));
            }
            all.forEach(SimulatedDevice::introduce);
            SimulatedFleet simulated = new SimulatedFleet(all, settings.inferencesPerSecond(), clock, System::nanoTime);
            events.event("started", all.size() + " simulated devices of " + settings.kinds().stream().map(SimulatedProfile::deviceClass)
                            .collect(Collectors.joining(", ")) + ", " + settings.inferencesPerSecond() + " inferences/s each",
                    events.fields().put("devices", all.size()).put("simulated", true).put("seed", settings.seed()));
            pace(simulated, shares, registry, outbox);
            events.event("finished", simulated.inferences() + " simulated inferences, " + kafka.lost() + " records lost",
                    events.fields().put("inferences", simulated.inferences()).put("lost", kafka.lost()).put("simulated", true));
            return true;
        }
    }

    private void pace(SimulatedFleet simulated, List<ExplorationShare> shares, SchemaRegistry registry, AckCounter outbox)
            throws InterruptedException {
        ExecutorService replanning = Executors.newSingleThreadExecutor();
        try (FleetFeeds feeds = FleetFeeds.start(settings.address(), registry, updates -> replanning.execute(() -> {
                    simulated.receive(updates);
                    outbox.report();
                }), advice -> shares.forEach(share -> share.accept(advice)), events)) {
            long begin = System.nanoTime();
            long[] said = {begin};
            simulated.run(begin + settings.duration().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2), stop, () -> {
                long now = System.nanoTime();
                if (now - said[0] >= STATUS_EVERY.toNanos()) {
                    said[0] = now;
                    events.event("status", simulated.inferences() + " simulated inferences",
                            events.fields().put("inferences", simulated.inferences()).put("simulated", true));
                }
            });
        } finally {
            replanning.shutdown();
            replanning.awaitTermination(REPLANNING_SECONDS, TimeUnit.SECONDS);
        }
    }

    private List<SimulatedDevice> devices(SimulatedProfile kind, List<PreparedModel> prepared, ExplorationShare share,
            AckCounter outbox) {
        AgentEvents quiet = new AgentEvents(new PrintStream(OutputStream.nullOutputStream()),
                new PrintStream(OutputStream.nullOutputStream()), false, clock);
        DeviceIdentity first = identity(kind, 0);
        long slowerFromNanos = System.nanoTime() + settings.slowdown().after().toNanos();
        SimulatedDevice.Shared shared = new SimulatedDevice.Shared(kind, prepared,
                new PlanLibrary((graph, node) -> OpenClOperators.refusal(graph, node).isEmpty(), kind.performanceCores(), settings.seed()),
                new PlanBook(first, EngineVersion.CURRENT, outbox), outbox, quiet, clock, System::nanoTime, settings.start(), share,
                settings.signature(), UUID.randomUUID().toString(),
                () -> System.nanoTime() - slowerFromNanos < 0 ? 1 : settings.slowdown().factor());
        List<SimulatedDevice> made = new ArrayList<>();
        for (int i = 0; i < settings.devices(); i++) {
            made.add(new SimulatedDevice(identity(kind, i), shared, settings.seed() * 1_000_003 + kind.name().hashCode() * 31L + i));
        }
        return made;
    }

    private DeviceIdentity identity(SimulatedProfile kind, int index) {
        return new DeviceIdentity(String.format(Locale.ROOT, "%s-s%d-%05d", kind.deviceClass(), settings.seed(), index), kind.deviceClass(), true);
    }

    private List<PreparedModel> prepare() {
        ModelCache cache = settings.cache();
        List<PreparedModel> prepared = new ArrayList<>();
        for (String model : settings.models()) {
            events.info("preparing " + model + " ...");
            prepared.add(ModelPreparation.prepare(
                    ModelCatalogue.resolve(model, cache.zoo()), Map.of(), cache.prepared()));
        }
        return prepared;
    }

    /** Waits for the broker; says once that it is away. */
    private boolean connected(SchemaRegistry registry) throws InterruptedException {
        boolean said = false;
        try (KafkaSink sink = new KafkaSink(settings.address(), registry)) {
            do {
                Optional<String> problem = sink.connect();
                if (problem.isEmpty()) {
                    return true;
                }
                if (!said) {
                    events.warn(problem.get() + (settings.failFast() ? "" : "; it is tried again"));
                    said = true;
                }
                if (settings.failFast()) {
                    return false;
                }
            } while (!stop.await(RETRY_SECONDS, TimeUnit.SECONDS));
            return false;
        }
    }
}
