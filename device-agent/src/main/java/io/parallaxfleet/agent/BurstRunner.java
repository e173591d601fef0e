package io.parallaxfleet.agent;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.RunContext;
import io.parallaxfleet.telemetry.RunValidity;
import io.parallaxfleet.telemetry.TelemetryMapper;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.uplink.Outbox;
import io.parallaxfleet.workload.PlanChoice;
import io.parallaxfleet.workload.WorkModel;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Runs one model a few times in a row within one measuring turn and reports each inference. What belongs to the burst as a whole,
 * energy and the load beside it, is known at its end; records are written after the turn is given back. Not thread-safe.
 */
public final class BurstRunner {
    /** The first runs of a plan fault pages in and fill caches; they are reported as warm-up. */
    static final int WARM_UP_RUNS = 3;

    /**
     * @param longest a burst starts no further run after this
     * @param maxRuns runs of a burst at most
     * @param patience how long a burst waits for its turn
     */
    public record Limits(Duration longest, int maxRuns, Duration patience) {
        public static final Limits DEFAULT = new Limits(Duration.ofMillis(1200), 20, Duration.ofSeconds(10));
    }

    /** What surrounds the runs; everything a test replaces. */
    public record Surroundings(HostFiles host, CpuLoad load, EnergyMeter meter, Clock clock, LongSupplier nanoTime,
            BooleanSupplier replanning) {}

    /**
     * What a burst came to.
     *
     * @param medianNanos median latency of the warm runs; empty: none
     * @param failure why it stopped early; empty: it did not
     */
    public record Outcome(int runs, OptionalLong medianNanos, Optional<String> failure) {}

    private record Measured(EngineRun run, Instant ended, long idleGapNanos) {}

    private final DeviceIdentity device;
    private final TelemetryMapper mapper;
    private final Outbox outbox;
    private final MeasuringTurn turns;
    private final Surroundings around;
    private final Limits limits;
    private final int threads;
    private long sequence;
    private boolean ranBefore;
    private long lastEndNanos;

    public BurstRunner(DeviceIdentity device, TelemetryMapper mapper, Outbox outbox, MeasuringTurn turns, Surroundings around,
            Limits limits, int threads) {
        this.device = device;
        this.mapper = mapper;
        this.outbox = outbox;
        this.turns = turns;
        this.around = around;
        this.limits = limits;
        this.threads = threads;
    }

    /** One burst; a run that throws ends it and is reported as failed. */
    public Outcome run(WorkModel model, PlanChoice choice, long epoch, CountDownLatch stop) throws InterruptedException {
        DeviceState state = DeviceState.of(around.host());
        List<Measured> runs = new ArrayList<>();
        Optional<RuntimeException> failure = Optional.empty();
        boolean exclusive;
        boolean replanning = around.replanning().getAsBoolean();
        OptionalDouble foreignShare;
        EnergyMeter.Reading energy;
        try (MeasuringTurn.Turn turn = turns.take(limits.patience(), stop)) {
            exclusive = turn.exclusive();
            Optional<CpuLoad.Mark> mark = around.load().mark();
            around.meter().begin();
            failure = runs(model, choice, stop, runs);
            energy = around.meter().end();
            foreignShare = around.load().foreignShareSince(mark);
        }
        replanning |= around.replanning().getAsBoolean();
        long totalNanos = runs.stream().mapToLong(measured -> measured.run().latencyNanos()).sum();
        for (Measured measured : runs) {
            EngineRun run = measured.run();
            RunValidity validity = RunValidity.of(run, state, foreignShare, replanning);
            boolean warmup = run.runsOfPlan() < WARM_UP_RUNS;
            EnergyMeter.Reading share = share(energy, (double) run.latencyNanos() / Math.max(1, totalNanos));
            long planEpoch = choice.explored() ? epoch : run.plan().policyEpoch();
            outbox.send(Topic.TELEMETRY, device.deviceId(), mapper.map(run, new RunContext(sequence++, measured.ended(), planEpoch,
                    choice.explored(), choice.probability(), warmup, measured.idleGapNanos(), threads, state, foreignShare,
                    exclusive, validity, around.meter().source(), share)));
        }
        failure.ifPresent(error -> outbox.send(Topic.TELEMETRY, device.deviceId(),
                mapper.failed(choice.plan().orElseGet(model::plan), new RunContext(sequence++, around.clock().instant(), epoch,
                        choice.explored(), choice.probability(), false, -1, threads, state, foreignShare, exclusive,
                        RunValidity.failed(String.valueOf(error.getMessage())), around.meter().source(),
                        new EnergyMeter.Reading(OptionalLong.empty(), 0)))));
        return new Outcome(runs.size(), median(runs), failure.map(error -> String.valueOf(error.getMessage())));
    }

    private Optional<RuntimeException> runs(WorkModel model, PlanChoice choice, CountDownLatch stop, List<Measured> runs) {
        long start = around.nanoTime().getAsLong();
        while (runs.size() < limits.maxRuns() && stop.getCount() > 0
                && (runs.isEmpty() || around.nanoTime().getAsLong() - start < limits.longest().toNanos())) {
            long idleGap = ranBefore ? Math.max(0, around.nanoTime().getAsLong() - lastEndNanos) : -1;
            try {
                EngineRun run = choice.plan().isPresent() ? model.run(choice.plan().get()) : model.run();
                runs.add(new Measured(run, around.clock().instant(), idleGap));
            } catch (RuntimeException e) {
                // The engine falls back by itself where it can; what still comes out is this model's trouble, not the agent's.
                return Optional.of(e);
            } finally {
                lastEndNanos = around.nanoTime().getAsLong();
                ranBefore = true;
            }
            around.meter().sample();
        }
        return Optional.empty();
    }

    private static EnergyMeter.Reading share(EnergyMeter.Reading whole, double share) {
        return whole.microjoules().isEmpty()
                ? whole
                : new EnergyMeter.Reading(OptionalLong.of(Math.round(whole.microjoules().getAsLong() * share)), whole.sampleHertz());
    }

    private static OptionalLong median(List<Measured> runs) {
        long[] warm = runs.stream()
                .filter(measured -> measured.run().runsOfPlan() >= WARM_UP_RUNS)
                .mapToLong(measured -> measured.run().latencyNanos())
                .sorted()
                .toArray();
        return warm.length == 0 ? OptionalLong.empty() : OptionalLong.of(warm[warm.length / 2]);
    }
}
