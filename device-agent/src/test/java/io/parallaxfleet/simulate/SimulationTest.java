package io.parallaxfleet.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.engine.BranchRun;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.Fallback;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.ThresholdAck;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.thresholds.DeviceIdentity;
import io.parallaxfleet.thresholds.Updates;
import io.parallaxfleet.workload.Advice;
import io.parallaxfleet.workload.ExplorationLimits;
import io.parallaxfleet.workload.ExplorationShare;
import io.parallaxfleet.workload.PlanBook;
import io.parallaxfleet.workload.RecordedOutbox;
import io.parallaxfleet.workload.SetClock;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private static final SimulatedProfile FAST = SimulatedProfile.named("fast-gpu").orElseThrow();
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_000), ZoneOffset.UTC);

    private final RecordedOutbox outbox = new RecordedOutbox();

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    @Nested
    class TheCostLaw {
        private final EnginePlan plan = Plans.plan("model", Plans.EAGER, 0);

        /** Step times in seconds, warm and cool, over many devices. */
        private List<Double> seconds(int step) {
            List<Double> seconds = new ArrayList<>();
            for (int device = 0; device < 400; device++) {
                RunModel model = new RunModel(FAST, new SplittableRandom(device));
                for (int run = 0; run < 5; run++) {
                    BranchRun branch = model.run(plan, 1, Long.MAX_VALUE, 10).run().branches().get(step);
                    if (branch.fallback() == Fallback.NONE) {
                        seconds.add(branch.latencyNanos() * 1e-9);
                    }
                }
            }
            return seconds;
        }

        @Test
        void aDelegatedStepTakesDispatchComputeAndTransfer() {
            int step = IntStream.range(0, plan.steps().size()).filter(i -> plan.steps().get(i).region().isPresent()).findFirst().orElseThrow();
            PlanStep delegated = plan.steps().get(step);

            double expected = FAST.dispatchSeconds() + delegated.macs() / FAST.acceleratorMacsPerSecond()
                    + delegated.boundaryBytes() / FAST.bytesPerSecond();
            assertEquals(expected, median(seconds(step)), 0.05 * expected);
        }

        @Test
        void slowedInferencesAreTheShareThatIsPromised() {
            double median = median(seconds(0));
            List<Double> all = seconds(0);

            long slow = all.stream().filter(time -> time > 1.6 * median).count();
            assertEquals(RunModel.SLOWED_SHARE, (double) slow / all.size(), 0.03);
        }

        @Test
        void latencyIsTheCriticalPathAndNoStepStartsBeforeItsPredecessors() {
            EngineRun run = new RunModel(FAST, new SplittableRandom(3)).run(plan, 1, Long.MAX_VALUE, 1).run();
            List<BranchRun> branches = run.branches();
            for (PlanStep step : plan.steps()) {
                BranchRun branch = branches.get(plan.steps().indexOf(step));
                for (int predecessor : step.predecessors()) {
                    BranchRun before = branches.get(predecessor);
                    assertTrue(branch.startNanos() >= before.startNanos() + before.latencyNanos());
                }
            }
            assertEquals(branches.stream().mapToLong(branch -> branch.startNanos() + branch.latencyNanos()).max().orElseThrow(),
                    run.latencyNanos());
        }

        @Test
        void theFastProfileGainsBelowThePapersThresholdAndTheSlowOneLosesAboveIt() {
            SimulatedProfile slow = SimulatedProfile.named("slow-gpu").orElseThrow();

            assertTrue(FAST.acceleratorSeconds(300_000_000, 1_000_000) < FAST.cpuSeconds(300_000_000));
            assertTrue(slow.acceleratorSeconds(4_000_000_000L, 5_000_000) > slow.cpuSeconds(4_000_000_000L));
        }
    }

    @Nested
    class Devices {
        private PlanLibrary library(long seed) {
            return new PlanLibrary(Plans.ALL_BUT_THE_THIRD, 4, seed);
        }

        private SimulatedDevice device(long seed, RecordedOutbox to, double exploration) {
            return device(seed, to, share(ExplorationLimits.only(exploration), CLOCK));
        }

        private ExplorationShare share(ExplorationLimits limits, Clock clock) {
            return new ExplorationShare(limits, FAST.deviceClass(), true, clock, RecordedOutbox.silence());
        }

        private SimulatedDevice device(long seed, RecordedOutbox to, ExplorationShare exploration) {
            DeviceIdentity identity = new DeviceIdentity("sim-1", FAST.deviceClass(), true);
            return new SimulatedDevice(identity, new SimulatedDevice.Shared(FAST, List.of(Plans.model("a"), Plans.model("b")),
                    library(5), new PlanBook(identity, "1.0", to), to, RecordedOutbox.silence(), CLOCK, () -> 0L, Plans.EAGER,
                    exploration, Optional.empty(), "session", () -> 1), seed);
        }

        private List<InferenceTelemetry> bursts(long seed, int bursts) {
            RecordedOutbox own = new RecordedOutbox();
            SimulatedDevice device = device(seed, own, 0.3);
            for (int burst = 0; burst < bursts; burst++) {
                device.burst(CLOCK.instant().plusSeconds(burst));
            }
            return own.values(Topic.TELEMETRY, InferenceTelemetry.class);
        }

        @Test
        void equalSeedsGiveEqualTelemetry() {
            assertEquals(bursts(1, 50), bursts(1, 50));
            assertNotEquals(bursts(1, 50), bursts(2, 50));
        }

        @Test
        void everythingIsMarkedAsSimulated() {
            SimulatedDevice device = device(1, outbox, 0.3);
            device.introduce();
            device.burst(CLOCK.instant());

            assertTrue(outbox.values(Topic.TELEMETRY, InferenceTelemetry.class).stream().allMatch(record -> record.getSimulated()
                    && record.getDeviceClass().startsWith("sim-") && record.getEnergySource().equals("simulated")));
            assertTrue(outbox.values(Topic.PLANS, PlanProfile.class).stream().allMatch(PlanProfile::getSimulated));
        }

        @Test
        void everyPlanThatTelemetryNamesIsPublishedBefore() {
            SimulatedDevice device = device(1, outbox, 0.3);
            device.introduce();
            for (int burst = 0; burst < 50; burst++) {
                device.burst(CLOCK.instant());
            }
            List<String> known = new ArrayList<>();
            outbox.sent.forEach(record -> {
                if (record.value() instanceof PlanProfile profile) {
                    known.add(profile.getPlanId());
                } else if (record.value() instanceof InferenceTelemetry telemetry) {
                    assertTrue(known.contains(telemetry.getPlanId()));
                }
            });
        }

        @Test
        void inferencesOfABurstEndOneAfterAnotherAtItsEnd() {
            List<Instant> ends = bursts(1, 1).stream().map(InferenceTelemetry::getTimestamp).toList();

            assertEquals(ends.stream().sorted().toList(), ends);
            assertEquals(CLOCK.instant(), ends.get(ends.size() - 1));
        }

        @Test
        void anUpdateMovesTheDeviceAndIsAcknowledged() {
            SimulatedDevice device = device(1, outbox, 0);

            device.receive(List.of(Updates.update(1).setDeviceClass(FAST.deviceClass()).setSimulated(true)
                    .setMode(DelegationMode.NEVER).build()));
            device.burst(CLOCK.instant());

            ThresholdAck ack = outbox.values(Topic.THRESHOLD_ACKS, ThresholdAck.class).get(0);
            assertTrue(ack.getSimulated());
            assertTrue(outbox.values(Topic.TELEMETRY, InferenceTelemetry.class).stream().allMatch(record -> record.getPolicyEpoch() == 1));
        }

        @Test
        void adviceRaisesTheProbabilityThatTelemetryReportsUntilItExpires() {
            SetClock clock = new SetClock(CLOCK.instant());
            ExplorationShare share = share(new ExplorationLimits(0.02, 0.5), clock);
            SimulatedDevice device = device(1, outbox, share);

            assertEquals(0.98, ownProbability(device), 1e-12);
            share.accept(List.of(Advice.issued(clock.instant()).setDeviceClass(FAST.deviceClass()).setSimulated(true).build()));
            assertEquals(0.9, ownProbability(device), 1e-12);
            clock.pass(Advice.LIFETIME);
            assertEquals(0.98, ownProbability(device), 1e-12);
        }

        /** What the device reports now as the probability of running the policy's own plan. */
        private double ownProbability(SimulatedDevice device) {
            outbox.sent.clear();
            for (int burst = 0; burst < 40; burst++) {
                device.burst(CLOCK.instant());
            }
            List<Double> reported = outbox.values(Topic.TELEMETRY, InferenceTelemetry.class).stream()
                    .filter(record -> !record.getExplored())
                    .map(InferenceTelemetry::getExplorationProbability)
                    .distinct()
                    .filter(probability -> probability < 1)
                    .toList();
            assertEquals(1, reported.size(), reported::toString);
            return reported.get(0);
        }

        @Test
        void devicesOfAClassShareTheirPlans() {
            PlanLibrary shared = library(1);
            var model = Plans.model("a");

            assertTrue(shared.plan(model, DelegationPolicy.paper(), 0) == shared.plan(model, DelegationPolicy.paper(), 0));
        }

        @Test
        void aPlanUnderAnotherEpochIsTheSamePlan() {
            PlanLibrary shared = library(1);
            var model = Plans.model("a");

            EnginePlan marked = shared.plan(model, DelegationPolicy.paper(), 9);

            assertEquals(9, marked.policyEpoch());
            assertEquals(shared.plan(model, DelegationPolicy.paper(), 0).id(), marked.id());
        }
    }
}
