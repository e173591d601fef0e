package io.parallaxfleet.simulate;

import io.parallaxfleet.energy.EnergyMeter.Reading;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.EngineVersion;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schemas.avro.Accelerator;
import io.parallaxfleet.schemas.avro.DeviceProfile;
import io.parallaxfleet.schemas.avro.ThresholdUpdate;
import io.parallaxfleet.schemas.thresholds.ThresholdSignature;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.RunContext;
import io.parallaxfleet.telemetry.RunValidity;
import io.parallaxfleet.telemetry.TelemetryMapper;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdRules;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.uplink.AgentEvents;
import io.parallaxfleet.uplink.Outbox;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.Explorer;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.workload.PlanChoice;
import io.parallaxfleet.workload.Replanner;
import io.parallaxfleet.workload.WorkModel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * One simulated device: the threshold, exploration and telemetry code of real agents around modelled hardware. The same seed gives the
 * same inferences. {@link #receive} may be called beside {@link #burst}; each is one thread's.
 */
final class SimulatedDevice {
    /** Inferences in a row on one plan. */
    static final int BURST = 4;
    private static final String RUNTIME = "none (simulated)";

    /**
     * What the devices of one class share; advice to explore more is taken in once for all of them.
     *
     * @param slowdown factor on every run
     */
    record Shared(SimulatedProfile profile, List<PreparedModel> models, PlanLibrary library, PlanBook book, Outbox outbox,
            AgentEvents events, Clock clock, LongSupplier nanoTime, DelegationPolicy start, ExplorationShare exploration,
            Optional<ThresholdSignature> signature, String sessionId, DoubleSupplier slowdown) {}

    private record Modelled(EngineRun run, DeviceState state, Reading energy) {}

    private final DeviceIdentity identity;
    private final Shared shared;
    private final SplittableRandom random;
    private final SimulatedHost host;
    private final ThresholdStore store;
    private final List<WorkModel> models = new ArrayList<>();
    private final Explorer explorer;
    private final Replanner replanner;
    private final TelemetryMapper mapper;
    private int nextModel;
    private long sequence;
    private Instant lastEnd;

    SimulatedDevice(DeviceIdentity identity, Shared shared, long seed) {
        this.identity = identity;
        this.shared = shared;
        this.random = new SplittableRandom(seed);
        this.host = new SimulatedHost(shared.profile(), random.split(), shared.slowdown());
        PolicyInForce start = PolicyInForce.builtIn(shared.start());
        this.store = new ThresholdStore(new ThresholdRules(identity, shared.signature()), start, Optional.empty());
        for (PreparedModel model : shared.models()) {
            models.add(new SimulatedModel(model, shared.library(), host, start));
        }
        this.explorer = new Explorer(shared.exploration(), random.split(), shared.book(), shared.events(), host::state);
        this.replanner = new Replanner(identity, store, models, shared.book(), shared.outbox(), shared.events(), shared.clock(),
                shared.nanoTime());
        this.mapper = new TelemetryMapper(identity, shared.sessionId());
        this.nextModel = random.nextInt(models.size());
    }

    DeviceIdentity identity() {
        return identity;
    }

    /** Publishes what the device is and the plans it starts with. */
    void introduce() {
        SimulatedProfile profile = shared.profile();
        shared.outbox().send(Topic.DEVICES, identity.deviceId(), DeviceProfile.newBuilder()
                .setDeviceId(identity.deviceId())
                .setDeviceClass(identity.deviceClass())
                .setParentFamily(profile.parentFamily())
                .setSimulated(true)
                .setSoc(profile.soc())
                .setArchitecture("simulated")
                .setLogicalCores(profile.cores())
                .setPerformanceCores(profile.performanceCores())
                .setMemoryBytes(profile.memoryBytes())
                .setOperatingSystem("simulated")
                .setAccelerator(Accelerator.newBuilder()
                        .setName(profile.accelerator())
                        .setApi("simulated")
                        .setDriver("simulated")
                        .setComputeUnits(1)
                        .build())
                .setEngineVersion(EngineVersion.CURRENT)
                .setRuntimeVersion(RUNTIME)
                .setSessionId(shared.sessionId())
                .setStartedAt(shared.clock().instant())
                .build());
        models.forEach(model -> shared.book().publish(model.plan(), false));
    }

    /** Judges and applies updates as a real agent does. */
    void receive(List<ThresholdUpdate> updates) {
        replanner.process(updates);
    }

    /** One burst of one model that ends at this moment; the number of inferences. */
    int burst(Instant end) {
        WorkModel model = models.get(nextModel++ % models.size());
        long epoch = store.inForce().epoch();
        PlanChoice choice = explorer.choose(model, epoch);
        List<Modelled> runs = new ArrayList<>();
        long nanosLeft = 0;
        for (int i = 0; i < BURST; i++) {
            EngineRun run = choice.plan().isPresent() ? model.run(choice.plan().get()) : model.run();
            runs.add(new Modelled(run, host.state(), host.lastEnergy()));
            nanosLeft += run.latencyNanos();
        }
        for (Modelled modelled : runs) {
            EngineRun run = modelled.run();
            Instant started = end.minusNanos(nanosLeft);
            nanosLeft -= run.latencyNanos();
            Instant ended = end.minusNanos(nanosLeft);
            long gap = lastEnd == null ? -1 : Math.max(0, Duration.between(lastEnd, started).toNanos());
            lastEnd = ended;
            shared.outbox().send(Topic.TELEMETRY, identity.deviceId(), mapper.map(run, new RunContext(sequence++, ended,
                    choice.explored() ? epoch : run.plan().policyEpoch(), choice.explored(), choice.probability(),
                    run.runsOfPlan() == 0, gap, shared.profile().cores(), modelled.state(), OptionalDouble.of(0), true,
                    RunValidity.of(run, modelled.state(), OptionalDouble.of(0), false), SimulatedHost.ENERGY_SOURCE,
                    modelled.energy())));
        }
        return runs.size();
    }

    /** Nanoseconds until this device's next burst at a mean rate of inferences a second. */
    long nextGapNanos(double inferencesPerSecond) {
        return Math.round(BURST / inferencesPerSecond * 1e9 * (0.8 + 0.4 * random.nextDouble()));
    }
}
