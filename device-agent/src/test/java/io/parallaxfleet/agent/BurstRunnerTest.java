package io.parallaxfleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.avro.Validity;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.telemetry.TelemetryMapper;
import io.parallaxfleet.thresholds.PolicyInForce;
import io.parallaxfleet.thresholds.ThresholdRules;
import io.parallaxfleet.thresholds.ThresholdStore;
import io.parallaxfleet.thresholds.Updates;
import io.parallaxfleet.workload.Advice;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.Explorer;
import io.parallaxfleet.workload.FakeModel;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.workload.PlanChoice;
import io.parallaxfleet.workload.RecordedOutbox;
import io.parallaxfleet.workload.SetClock;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BurstRunnerTest {
    private static final PlanChoice OWN = new PlanChoice(Optional.empty(), 0.95);

    @TempDir
    private Path directory;

    private final RecordedOutbox outbox = new RecordedOutbox();
    private final FakeModel model = new FakeModel("model", Plans.EAGER);
    /** Moves on by 10 ms whenever it is read. */
    private final AtomicLong nanoTime = new AtomicLong();
    private final AtomicLong cpuNanos = new AtomicLong(1);
    private final AtomicBoolean replanning = new AtomicBoolean();
    private final CountDownLatch stop = new CountDownLatch(1);
    private MeasuringTurn turns;
    private BurstRunner runner;

    @BeforeEach
    void wire() {
        HostFiles host = new HostFiles(directory);
        turns = MeasuringTurn.at(directory.resolve("turn.lock"));
        BurstRunner.Surroundings around = new BurstRunner.Surroundings(host,
                new CpuLoad(host, nanoTime::get, () -> -1),
                EnergyMeter.of(host, nanoTime::get, () -> cpuNanos.addAndGet(1_000_000)), Clock.systemUTC(),
                () -> nanoTime.addAndGet(10_000_000), replanning::get);
        runner = new BurstRunner(Updates.DEVICE, new TelemetryMapper(Updates.DEVICE, "session"), outbox, turns, around,
                new BurstRunner.Limits(Duration.ofMillis(1200), 6, Duration.ofMillis(20)), 2);
    }

    @AfterEach
    void close() {
        turns.close();
    }

    private List<InferenceTelemetry> records() {
        return outbox.values(Topic.TELEMETRY, InferenceTelemetry.class);
    }

    @Test
    void everyInferenceIsReportedWithGaplessNumbers() throws InterruptedException {
        runner.run(model, OWN, 0, stop);
        runner.run(model, OWN, 0, stop);

        assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L),
                records().stream().map(InferenceTelemetry::getSequence).toList());
        assertTrue(outbox.sent.stream().allMatch(record -> record.key().equals(Updates.DEVICE.deviceId())));
    }

    @Test
    void theFirstRunsOfAPlanAreWarmUp() throws InterruptedException {
        runner.run(model, OWN, 0, stop);

        assertEquals(List.of(true, true, true, false, false, false), records().stream().map(InferenceTelemetry::getWarmup).toList());
    }

    @Test
    void onlyTheVeryFirstInferenceHasNoGapBeforeIt() throws InterruptedException {
        runner.run(model, OWN, 0, stop);

        assertEquals(-1, records().get(0).getIdleGapNanos());
        assertTrue(records().stream().skip(1).allMatch(record -> record.getIdleGapNanos() >= 0));
    }

    @Test
    void theEnergyOfTheBurstIsSharedOut() throws InterruptedException {
        runner.run(model, OWN, 0, stop);

        // The modelled CPU time moves by 1 ms between begin and end, at 2 W.
        assertEquals(2000, records().stream().mapToLong(InferenceTelemetry::getEnergyMicrojoules).sum(), 6);
        assertEquals("cpu-time-model", records().get(0).getEnergySource());
    }

    @Test
    void anExploredPlanIsReportedAsSuchUnderTheEpochInForce() throws InterruptedException {
        EnginePlan never = Plans.plan("model", new DelegationPolicy.Never(), 2);

        runner.run(model, new PlanChoice(Optional.of(never), 0.01), 5, stop);

        InferenceTelemetry record = records().get(0);
        assertTrue(record.getExplored());
        assertEquals(0.01, record.getExplorationProbability());
        assertEquals(5, record.getPolicyEpoch());
    }

    @Test
    void aBurstBesideAReplanningIsDisturbed() throws InterruptedException {
        replanning.set(true);

        runner.run(model, OWN, 0, stop);

        assertTrue(records().stream().allMatch(record -> record.getValidity() == Validity.DISTURBED));
    }

    @Test
    void withoutTheTurnItRunsAllTheSameAndSaysSo() throws InterruptedException {
        try (MeasuringTurn others = MeasuringTurn.at(directory.resolve("turn.lock"));
                MeasuringTurn.Turn held = others.take(Duration.ofSeconds(10), stop)) {
            assertTrue(held.exclusive());
            runner.run(model, OWN, 0, stop);
        }
        runner.run(model, OWN, 0, stop);

        assertFalse(records().get(0).getExclusiveTurn());
        assertTrue(records().get(6).getExclusiveTurn());
    }

    @Test
    void aRunThatThrowsEndsTheBurstAndIsReportedAsFailed() throws InterruptedException {
        model.failure = new IllegalStateException("step S0 (Conv) failed");

        BurstRunner.Outcome outcome = runner.run(model, OWN, 0, stop);

        assertEquals(Optional.of("step S0 (Conv) failed"), outcome.failure());
        assertEquals(1, records().size());
        assertEquals(Validity.FAILED, records().get(0).getValidity());
        assertEquals("step S0 (Conv) failed", records().get(0).getValidityReason());
    }

    @Test
    void noRunIsStartedAfterTheStop() throws InterruptedException {
        stop.countDown();

        assertEquals(0, runner.run(model, OWN, 0, stop).runs());
    }

    @Nested
    class TheWorkload {
        private final ThresholdStore store = new ThresholdStore(new ThresholdRules(Updates.DEVICE, Optional.empty()),
                PolicyInForce.builtIn(Plans.EAGER), Optional.empty());

        private Workload workload(FakeModel... models) {
            return workload(() -> 0, () -> {
                throw new AssertionError("who never explores does not ask how the device is");
            }, models);
        }

        private Workload workload(DoubleSupplier share, Supplier<DeviceState> state, FakeModel... models) {
            PlanBook book = new PlanBook(Updates.DEVICE, "1.0", outbox);
            Explorer explorer = new Explorer(share, new SplittableRandom(1), book, RecordedOutbox.silence(), state);
            return new Workload(List.of(models), explorer, runner, store, RecordedOutbox.silence(), nanoTime::get);
        }

        @Test
        void reportsTheProbabilityThatAdviceRaisedUntilItExpires() throws InterruptedException {
            SetClock clock = new SetClock(Instant.ofEpochSecond(1_760_000_000));
            ExplorationShare share = new ExplorationShare(new ExplorationLimits(0.02, 0.5), Updates.DEVICE.deviceClass(), false, clock,
                    RecordedOutbox.silence());
            DeviceState cool = new DeviceState(ThermalState.NOMINAL, OptionalInt.empty(), Optional.empty(), 8L << 30);
            DeviceState hot = new DeviceState(ThermalState.CRITICAL, OptionalInt.empty(), Optional.empty(), 8L << 30);

            assertEquals(List.of(0.98), probabilitiesOfOwnPlans(share, cool));
            share.accept(List.of(Advice.issued(clock.instant()).build()));
            assertEquals(List.of(0.9), probabilitiesOfOwnPlans(share, cool));
            assertEquals(List.of(1.0), probabilitiesOfOwnPlans(share, hot));
            clock.pass(Advice.LIFETIME);
            assertEquals(List.of(0.98), probabilitiesOfOwnPlans(share, cool));
        }

        private List<Double> probabilitiesOfOwnPlans(ExplorationShare share, DeviceState state) throws InterruptedException {
            outbox.sent.clear();
            workload(share, () -> state, model).run(Duration.ZERO, nanoTime.get() + Duration.ofMillis(800).toNanos(), stop, () -> {});
            return records().stream()
                    .filter(record -> !record.getExplored())
                    .map(InferenceTelemetry::getExplorationProbability)
                    .distinct()
                    .toList();
        }

        @Test
        void givesEveryModelItsBurst() throws InterruptedException {
            FakeModel other = new FakeModel("other", Plans.EAGER);

            boolean left = workload(model, other).run(Duration.ZERO, Duration.ofMillis(800).toNanos(), stop, () -> {});

            assertTrue(left);
            assertEquals(List.of("model", "other"), records().stream().map(InferenceTelemetry::getModel).distinct().toList());
        }

        @Test
        void leavesAModelOutThatKeepsFailing() throws InterruptedException {
            model.failure = new IllegalStateException("broken");

            boolean left = workload(model).run(Duration.ZERO, Long.MAX_VALUE / 2, stop, () -> {});

            assertFalse(left);
            assertEquals(3, records().size());
        }
    }
}
