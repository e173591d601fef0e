package io.parallaxfleet.agent;

import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.registry.HttpSchemaRegistry;
import io.parallaxfleet.schemas.registry.SchemaRegistry;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.telemetry.TelemetryMapper;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.PolicyFile;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdRules;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.FleetFeeds;
import io.parallaxfleet.uplink.KafkaSink;
import io.parallaxfleet.uplink.Spool;
import io.parallaxfleet.uplink.SpoolOutbox;
import io.parallaxfleet.uplink.SpoolSender;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.Explorer;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.workload.Replanner;
import io.parallaxfleet.workload.WorkModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/**
 * The process on the device: loads models, runs them in bursts, reports every inference, and re-plans when the fleet says so. Works
 * on whatever the broker does; what it reports waits on disk meanwhile. {@link #run} is one thread's; {@link #stop} is anybody's.
 */
public final class Agent {
    private static final Duration STATUS_EVERY = Duration.ofSeconds(10);
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final AgentOptions options;
    private final DeviceIdentity device;
    private final DeviceProfile profile;
    private final ModelLoader loader;
    private final BurstRunner.Surroundings surroundings;
    private final RandomGenerator random;
    private final AgentEvents events;
    private final CountDownLatch stop = new CountDownLatch(1);

    /** @param profile what the device is; names its session */
    public Agent(AgentOptions options, DeviceIdentity device, DeviceProfile profile, ModelLoader loader,
            BurstRunner.Surroundings surroundings, RandomGenerator random, AgentEvents events) {
        this.options = options;
        this.device = device;
        this.profile = profile;
        this.loader = loader;
        this.surroundings = surroundings;
        this.random = random;
        this.events = events;
    }

    /** Ends {@link #run} after the inference in progress. */
    public void stop() {
        stop.countDown();
    }

    /** Runs until stopped or its time is over; the exit code. */
    @SuppressWarnings("try") // The lock is held and not used.
    public int run() throws InterruptedException {
        ThresholdStore store = store();
        SchemaRegistry registry = new HttpSchemaRegistry(options.address().registry());
        try (StateLock lock = StateLock.take(options.stateDirectory());
                Spool spool = Spool.open(options.spoolDirectory(), Spool.Limits.DEFAULT)) {
            KafkaSink sink = new KafkaSink(options.address(), registry);
            Optional<String> problem = options.failFast() ? sink.connect() : Optional.empty();
            if (problem.isPresent()) {
                events.warn(problem.get());
                return 1;
            }
            try (SpoolSender sender = new SpoolSender(spool, sink, events)) {
                SpoolOutbox outbox = new SpoolOutbox(spool, events);
                introduce(store.inForce(), spool.pending());
                outbox.send(Topic.DEVICES, device.deviceId(), profile);
                sender.start();
                boolean worked = work(store, registry, spool, outbox);
                spool.force();
                sender.drain(DRAIN);
                if (spool.pending() > 0) {
                    events.info(spool.pending() + " records stay in " + options.spoolDirectory() + " for the next start");
                }
                return worked ? 0 : 1;
            }
        }
    }

    private boolean work(ThresholdStore store, SchemaRegistry registry, Spool spool, SpoolOutbox outbox)
            throws InterruptedException {
        PlanBook book = new PlanBook(device, profile.getEngineVersion(), outbox);
        List<WorkModel> models = new ArrayList<>();
        try {
            load(models, store.inForce(), book);
            if (models.isEmpty()) {
                events.warn("no model could be loaded");
                return stop.getCount() == 0;
            }
            ExplorationShare share = new ExplorationShare(options.exploration(), device.deviceClass(), device.simulated(),
                    surroundings.clock(), events);
            try (BackgroundReplanner replanner = new BackgroundReplanner(new Replanner(device, store, models, book, outbox, events,
                            surroundings.clock(), surroundings.nanoTime()));
                    MeasuringTurn turns = MeasuringTurn.at(options.turnFile());
                    FleetFeeds feeds = FleetFeeds.start(options.address(), registry, replanner::accept, share::accept, events)) {
                BurstRunner.Surroundings around = new BurstRunner.Surroundings(surroundings.host(), surroundings.load(),
                        surroundings.meter(), surroundings.clock(), surroundings.nanoTime(),
                        () -> replanner.busy() || surroundings.replanning().getAsBoolean());
                BurstRunner bursts = new BurstRunner(device, new TelemetryMapper(device, profile.getSessionId()), outbox, turns,
                        around, BurstRunner.Limits.DEFAULT, options.threads());
                Explorer explorer = new Explorer(share, random, book, events, () -> DeviceState.of(surroundings.host()));
                Workload workload = new Workload(models, explorer, bursts, store, events, surroundings.nanoTime());
                long now = surroundings.nanoTime().getAsLong();
                long deadline = now + options.duration().map(Duration::toNanos).orElse(Long.MAX_VALUE / 2);
                boolean left = workload.run(options.interval(), deadline, stop, new Status(workload, spool, outbox, book, now));
                summary(workload, outbox);
                return left;
            }
        } finally {
            models.forEach(WorkModel::close);
        }
    }

    private ThresholdStore store() {
        PolicyFile file = new PolicyFile(options.policyFile(), device.deviceClass());
        PolicyInForce start = PolicyInForce.builtIn(options.start().orElse(DelegationPolicy.paper()));
        if (options.start().isEmpty()) {
            PolicyFile.Content content = file.read();
            if (content instanceof PolicyFile.Content.Present present) {
                start = present.policy();
            } else if (content instanceof PolicyFile.Content.Unusable unusable) {
                events.warn(unusable.reason());
            }
        }
        return new ThresholdStore(new ThresholdRules(device, options.signature()), start, Optional.of(file));
    }

    private void introduce(PolicyInForce policy, long waiting) {
        events.event("started", "device " + device.deviceId() + ", class " + device.deviceClass() + ", " + policy.policy().describe()
                        + " (epoch " + policy.epoch() + ")",
                events.fields()
                        .put("deviceId", device.deviceId())
                        .put("deviceClass", device.deviceClass())
                        .put("sessionId", profile.getSessionId())
                        .put("epoch", policy.epoch())
                        .put("policy", policy.policy().describe()));
        if (waiting > 0) {
            events.info(waiting + " records of an earlier run wait to be sent");
        }
    }

    private void load(List<WorkModel> models, PolicyInForce policy, PlanBook book) {
        for (String name : options.models()) {
            if (stop.getCount() == 0) {
                return;
            }
            events.info("loading " + name + " ...");
            long start = surroundings.nanoTime().getAsLong();
            try {
                List<WorkModel> loaded = loader.load(name, policy);
                models.addAll(loaded);
                long millis = (surroundings.nanoTime().getAsLong() - start) / 1_000_000;
                loaded.forEach(model -> introduce(model, book, millis));
            } catch (ModelFormatException e) {
                events.warn(e.getMessage());
            }
        }
    }

    private void introduce(WorkModel model, PlanBook book, long millis) {
        EnginePlan plan = model.plan();
        book.publish(plan, false);
        int regions = PlanProfiles.delegatedRegions(plan);
        events.event("model-loaded", String.format(Locale.ROOT, "%s: %s, %d branches, %d delegated regions, %.2g GMAC, loaded in %d ms",
                        model.name(), plan.execution(), plan.steps().size(), regions, plan.branches().graph().totalMacs() * 1e-9, millis),
                events.fields()
                        .put("model", plan.model())
                        .put("shapes", plan.shapeKey())
                        .put("planId", PlanProfiles.planId(device, plan))
                        .put("execution", plan.execution().name())
                        .put("branches", plan.steps().size())
                        .put("delegatedRegions", regions)
                        .put("loadMillis", millis));
    }

    private void summary(Workload workload, SpoolOutbox outbox) {
        events.event("finished", workload.inferences() + " inferences, " + workload.exploredBursts() + " bursts explored, "
                        + outbox.lost() + " records lost",
                events.fields()
                        .put("inferences", workload.inferences())
                        .put("exploredBursts", workload.exploredBursts())
                        .put("lost", outbox.lost()));
    }

    /** Says every few seconds how it goes, and publishes profiles again when some may have been lost. */
    private final class Status implements Runnable {
        private final Workload workload;
        private final Spool spool;
        private final SpoolOutbox outbox;
        private final PlanBook book;
        private long saidNanos;
        private long lostBefore;

        Status(Workload workload, Spool spool, SpoolOutbox outbox, PlanBook book, long now) {
            this.workload = workload;
            this.spool = spool;
            this.outbox = outbox;
            this.book = book;
            this.saidNanos = now;
        }

        @Override
        public void run() {
            long lost = outbox.lost();
            if (lost > lostBefore) {
                events.warn((lost - lostBefore) + " records were dropped because the spool is full or damaged; " + lost + " so far");
                lostBefore = lost;
                outbox.send(Topic.DEVICES, device.deviceId(), profile);
                book.republish();
            }
            long now = surroundings.nanoTime().getAsLong();
            if (now - saidNanos >= STATUS_EVERY.toNanos()) {
                saidNanos = now;
                spool.force();
                events.event("status", workload.inferences() + " inferences (" + workload.latencies() + "), "
                                + workload.exploredBursts() + " bursts explored, " + spool.pending() + " records waiting",
                        events.fields()
                                .put("inferences", workload.inferences())
                                .put("exploredBursts", workload.exploredBursts())
                                .put("waiting", spool.pending())
                                .put("lost", lost));
            }
        }
    }
}
