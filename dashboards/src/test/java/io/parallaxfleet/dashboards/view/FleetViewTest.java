package io.parallaxfleet.dashboards.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.dashboards.fixture.Records;
import io.parallaxfleet.dashboards.view.FleetSnapshot.ClassState;
import io.parallaxfleet.dashboards.view.FleetSnapshot.EpochLatency;
import io.parallaxfleet.dashboards.view.FleetSnapshot.Point;
import io.parallaxfleet.dashboards.view.FleetSnapshot.PolicyState;
import io.parallaxfleet.schemas.avro.AckOutcome;
import io.parallaxfleet.schemas.avro.ClassAggregate;
import io.parallaxfleet.schemas.avro.DelegationMode;
import io.parallaxfleet.schemas.avro.Placement;
import io.parallaxfleet.schemas.avro.RolloutDecision;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class FleetViewTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final RecordPosition HERE = new RecordPosition("parallax.test", 2, 77, START);

    private final Clock clock = Clock.fixed(START, ZoneOffset.UTC);
    private final FleetView view = new FleetView(clock, ViewLimits.defaults());

    private ClassState only() {
        List<ClassState> classes = view.snapshot(0).classes();
        assertEquals(1, classes.size());
        return classes.get(0);
    }

    private void window(long epoch, long second, double p50Millis, long count) {
        view.aggregate(Records.window("edge", false, "distilbert", epoch, START.plusSeconds(second))
                .setLatencyP50Nanos(p50Millis * 1e6).setCount(count).build(), HERE);
    }

    private List<Point> points() {
        return view.snapshot(0).series().stream().flatMap(series -> series.points().stream()).toList();
    }

    @Nested
    class Devices {
        @Test
        void areCountedOnceHoweverOftenTheyReport() {
            view.device(Records.device("a", "edge", false).build(), HERE);
            view.device(Records.device("a", "edge", false).setEngineVersion("0.2.0").build(), HERE);
            assertEquals(1, only().devices());
            assertEquals(List.of("0.2.0 · onnxruntime 1.29.0"), only().engines().stream().map(FleetSnapshot.Tally::label).toList());
        }

        @Test
        void moveWithTheirClass() {
            view.device(Records.device("a", "edge", false).build(), HERE);
            view.device(Records.device("a", "other", false).build(), HERE);
            assertEquals(List.of(0, 1), view.snapshot(0).classes().stream().map(ClassState::devices).toList());
        }

        @Test
        void goWhenTheirRecordIsRemoved() {
            view.device(Records.device("a", "edge", false).build(), HERE);
            view.deviceRemoved("a");
            view.deviceRemoved("never seen");
            assertEquals(0, only().devices());
        }

        @Test
        void withoutAnAcceleratorSaySo() {
            view.device(Records.device("a", "edge", false).setAccelerator(null).build(), HERE);
            assertEquals("no accelerator", only().accelerators().get(0).label());
        }

        @Test
        void beyondTheLimitAreCountedAsUntracked() {
            ViewLimits usual = ViewLimits.defaults();
            FleetView small = new FleetView(clock, new ViewLimits(2, 3, usual.modelsPerClass(), usual.pointsPerSeries(),
                    usual.seriesAge(), usual.policiesPerClass(), usual.plans(), usual.branchesPerPlan(), usual.recentProblems()));
            for (int i = 0; i < 5; i++) {
                small.device(Records.device("device-" + i, "edge", false).build(), HERE);
            }
            assertEquals(3, small.snapshot(0).classes().get(0).devices());
            assertEquals(2, small.snapshot(0).problems().untracked());
        }
    }

    @Test
    void neverJoinsSimulatedWithMeasuredEvenUnderOneName() {
        view.device(Records.device("a", "edge", false).build(), HERE);
        view.device(Records.device("b", "edge", true).build(), HERE);
        view.aggregate(Records.window("edge", true, "distilbert", 0, START).build(), HERE);
        FleetSnapshot snapshot = view.snapshot(0);
        assertEquals(List.of("m:edge", "s:edge"), snapshot.classes().stream().map(ClassState::id).toList());
        assertEquals(List.of("s:edge"), snapshot.series().stream().map(FleetSnapshot.SeriesState::classId).toList());
    }

    @Nested
    class Windows {
        @Test
        void thatAreSentAgainReplaceThemselves() {
            window(0, 10, 40, 20);
            window(0, 10, 42, 25);
            assertEquals(1, points().size());
            assertEquals(42e6, points().get(0).p50Nanos());
        }

        @Test
        void ofTwoEpochsAtOneTimeAreBothKept() {
            window(0, 10, 40, 20);
            window(1, 10, 30, 20);
            assertEquals(List.of(0L, 1L), points().stream().map(Point::epoch).toList());
        }

        @Test
        void olderThanTheHistoryAreDropped() {
            window(0, 0, 40, 20);
            window(0, Duration.ofMinutes(30).toSeconds() + 1, 41, 20);
            assertEquals(1, points().size());
        }

        @Test
        void staySoManyAtMost() {
            for (int i = 0; i < 1_000; i++) {
                window(0, i, 40, 20);
            }
            assertEquals(ViewLimits.defaults().pointsPerSeries(), points().size());
            assertEquals(START.plusSeconds(999).toEpochMilli(), points().get(points().size() - 1).endMillis());
        }

        @Test
        void withoutWarmSamplesOnlyShowThatTheClassIsAlive() {
            view.aggregate(Records.window("edge", false, "distilbert", 0, START).setCount(0).setLatencyP50Nanos(Double.NaN).build(), HERE);
            assertEquals(List.of(), points());
            assertEquals(START.toEpochMilli(), only().lastSeenMillis());
            assertEquals(0, view.snapshot(0).problems().unreadable());
        }

        @Test
        void tellHowManySamplesWereSetAside() {
            view.aggregate(Records.window("edge", false, "distilbert", 0, START).setCount(7).setColdCount(2).setInvalidCount(1).build(), HERE);
            view.aggregate(Records.window("edge", false, "distilbert", 0, START).setCount(8).setColdCount(2).setInvalidCount(5).build(), HERE);
            view.aggregate(Records.window("edge", false, "distilbert", 0, START).setExplored(true).setCount(3).build(), HERE);
            assertEquals(new FleetSnapshot.Samples(8, 3, 2, 5), only().models().get(0).samples());
        }

        @Test
        void ofExplorationAreKeptApart() {
            view.aggregate(Records.window("edge", false, "distilbert", 0, START).setExplored(true).build(), HERE);
            assertTrue(view.snapshot(0).series().get(0).explored());
            assertEquals(List.of(), only().models().get(0).epochs());
        }

        @Test
        void withoutEnergyHaveNoneRatherThanZero() {
            view.aggregate(Records.window("edge", false, "m", 0, START).setEnergyMicrojoulesMean(null).setEnergySource("none").build(), HERE);
            view.aggregate(Records.window("edge", false, "n", 0, START).setEnergyMicrojoulesMean(0.0).setEnergySource("none").build(), HERE);
            assertEquals(2, points().size());
            points().forEach(point -> assertNull(point.energyMicrojoules()));
            only().models().forEach(model -> assertNull(model.epochs().get(0).energyMicrojoules()));
        }
    }

    @Nested
    class BeforeAndAfter {
        @Test
        void isTheWeightedMedianOfTheWindowsOfEachEpoch() {
            window(0, 10, 50, 10);
            window(0, 20, 60, 100);
            window(0, 30, 90, 10);
            window(1, 40, 30, 40);
            List<EpochLatency> epochs = only().models().get(0).epochs();
            assertEquals(List.of(0L, 1L), epochs.stream().map(EpochLatency::epoch).toList());
            assertEquals(60e6, epochs.get(0).p50Nanos());
            assertEquals(120, epochs.get(0).samples());
            assertEquals(3, epochs.get(0).windows());
            assertEquals(30e6, epochs.get(1).p50Nanos());
        }

        @Test
        void keepsTheFirstEpochHoweverManyFollow() {
            for (long epoch = 0; epoch < 30; epoch++) {
                window(epoch, 10 * epoch, 40, 20);
            }
            List<EpochLatency> epochs = only().models().get(0).epochs();
            assertEquals(0, epochs.get(0).epoch());
            assertEquals(29, epochs.get(epochs.size() - 1).epoch());
            assertEquals(8, epochs.size());
        }
    }

    @Nested
    class Policies {
        private PolicyState newest() {
            return only().policies().get(0);
        }

        private void ack(String device, long epoch, AckOutcome outcome) {
            view.acknowledgement(Records.ack(device, "edge", false, epoch, outcome, "because", START.plusSeconds(epoch)), HERE);
        }

        @Test
        void areListedNewestFirst() {
            view.thresholds(Records.thresholds("edge", false, 1, START).build(), HERE);
            view.thresholds(Records.thresholds("edge", false, 2, START).setMode(DelegationMode.NEVER).build(), HERE);
            assertEquals(List.of(2L, 1L), only().policies().stream().map(PolicyState::epoch).toList());
            assertEquals("NEVER", newest().published().mode());
        }

        @Test
        void countEachDeviceOnceWithItsLastAnswer() {
            ack("a", 1, AckOutcome.NOT_MEMBER);
            ack("a", 1, AckOutcome.APPLIED);
            ack("b", 1, AckOutcome.REFUSED);
            ack("b", 1, AckOutcome.REFUSED);
            assertEquals(1, newest().acks().applied());
            assertEquals(1, newest().acks().refused());
            assertEquals(0, newest().acks().notMember());
            assertEquals("b: because", newest().acks().lastRefusal());
        }

        @Test
        void tellWhenTheFirstDeviceAppliedThem() {
            view.acknowledgement(Records.ack("a", "edge", false, 1, AckOutcome.APPLIED, null, START.plusSeconds(9)), HERE);
            view.acknowledgement(Records.ack("b", "edge", false, 1, AckOutcome.APPLIED, null, START.plusSeconds(4)), HERE);
            assertEquals(START.plusSeconds(4).toEpochMilli(), newest().acks().firstAppliedMillis());
        }

        @Test
        void keepTheNumbersOfARolloutWhenALaterEventHasNone() {
            view.rollout(Records.rollout("edge", false, 1, START).setBeforeP50Nanos(50e6).setBeforeSamples(100).build(), HERE);
            view.rollout(Records.rollout("edge", false, 1, START).setAfterP50Nanos(40e6).setAfterSamples(90).build(), HERE);
            assertEquals(50e6, newest().rollout().beforeP50Nanos());
            assertEquals(100, newest().rollout().beforeSamples());
            assertEquals(40e6, newest().rollout().afterP50Nanos());
            assertNull(newest().published());
        }

        @Test
        void areBoundedInNumber() {
            for (int epoch = 1; epoch <= 500; epoch++) {
                view.thresholds(Records.thresholds("edge", false, epoch, START).build(), HERE);
            }
            assertEquals(ViewLimits.defaults().policiesPerClass(), only().policies().size());
            assertEquals(500, newest().epoch());
        }
    }

    @Nested
    class Plans {
        private final ClassKey owner = new ClassKey("edge", false);

        private void plan() {
            view.plan(Records.plan("p1", "edge", false, "distilbert", 0, List.of(
                    Records.branch("L0.B0", 0, Placement.ACCELERATOR, 12, 2_000_000_000L, "passes"),
                    Records.branch("L0.B1", 0, Placement.CPU, 2, 1_000_000L, "N = 2 is below 3"))).build(), HERE);
        }

        private void branchWindow(String branch, double p50Millis) {
            view.aggregate(ClassAggregate.newBuilder(Records.window("edge", false, "distilbert", 0, START)).setPlanId("p1")
                    .setBranch(branch).setLatencyP50Nanos(p50Millis * 1e6).build(), HERE);
        }

        @Test
        void showTheirBranchesWithWhatTheyWereMeasuredToCost() {
            branchWindow("L0.B0", 30);
            plan();
            branchWindow("L0.B1", 10);
            PlanDetail detail = view.plan(owner, "p1").orElseThrow();
            assertEquals(0.75, detail.branches().get(0).measured().share(), 1e-9);
            assertEquals("ACCELERATOR", detail.branches().get(0).placement());
            assertEquals("N = 2 is below 3", detail.branches().get(1).reason());
            assertEquals(1, detail.plan().delegatedRegions());
        }

        @Test
        void leaveUnmeasuredBranchesWithoutANumber() {
            plan();
            assertNull(view.plan(owner, "p1").orElseThrow().branches().get(0).measured());
        }

        @Test
        void belongToTheirClassOnly() {
            plan();
            assertTrue(view.plan(new ClassKey("edge", true), "p1").isEmpty());
        }

        @Test
        void areBoundedInNumberAndTheNewestStay() {
            for (int i = 0; i < 600; i++) {
                view.plan(Records.plan("p" + i, "edge", false, "m", 0, List.of()).build(), HERE);
            }
            assertTrue(view.plan(owner, "p0").isEmpty());
            assertTrue(view.plan(owner, "p599").isPresent());
        }
    }

    @Nested
    class UnusableRecords {
        private void refused(ClassAggregate.Builder window, String reason) {
            view.aggregate(window.build(), HERE);
            FleetSnapshot.Problems problems = view.snapshot(0).problems();
            assertEquals(1, problems.unreadable());
            assertTrue(problems.recentUnreadable().get(0).reason().contains(reason), problems.recentUnreadable().toString());
            assertEquals(77, problems.recentUnreadable().get(0).offset());
            assertEquals(List.of(), points());
        }

        @Test
        void withALatencyThatIsNoNumberAreNamed() {
            refused(Records.window("edge", false, "m", 0, START).setLatencyP99Nanos(Double.NaN), "latency quantile is NaN");
        }

        @Test
        void withNegativeEnergyAreNamed() {
            refused(Records.window("edge", false, "m", 0, START).setEnergyMicrojoulesMean(-1.0), "energyMicrojoulesMean is -1.0");
        }

        @Test
        void withoutAClassAreNamed() {
            refused(Records.window(" ", false, "m", 0, START), "deviceClass is empty");
        }

        @Test
        void ofABranchWithoutAPlanAreNamed() {
            refused(Records.window("edge", false, "m", 0, START).setBranch("L0.B0"), "without a planId");
        }

        @Test
        void areCountedAllButListedOnlyAsFarAsTheLimit() {
            for (int i = 0; i < 100; i++) {
                view.deadLetter(Records.deadLetter("reason " + i, START));
            }
            FleetSnapshot.Problems problems = view.snapshot(0).problems();
            assertEquals(100, problems.deadLetters());
            assertEquals(20, problems.recentDeadLetters().size());
            assertEquals("reason 99", problems.recentDeadLetters().get(0).reason());
        }

        @Test
        void withEndlessTextAreCut() {
            view.deadLetter(Records.deadLetter("x".repeat(1_000_000), START));
            assertTrue(view.snapshot(0).problems().recentDeadLetters().get(0).reason().length() <= 400);
        }
    }

    @Nested
    class ARollout {
        private void event(RolloutDecision decision, int perMille, String commandId) {
            view.rollout(Records.rollout("edge", false, 2, START).setDecision(decision).setMembershipPerMille(perMille)
                    .setCommandId(commandId).setPaused(decision == RolloutDecision.PAUSE).build(), HERE);
        }

        @Test
        void isUnderWayFromItsProposalToItsEnd() {
            event(RolloutDecision.PROPOSE, 0, null);
            event(RolloutDecision.PROMOTE, 10, null);
            event(RolloutDecision.HOLD, 10, null);
            assertTrue(only().rollout().underWay());
            assertEquals(10, only().rollout().membershipPerMille());
            event(RolloutDecision.COMPLETE, 1000, null);
            assertFalse(only().rollout().underWay());
        }

        @Test
        void keepsWhatPeopleAskedForApartFromWhatTheJobDecided() {
            event(RolloutDecision.PROMOTE, 10, null);
            event(RolloutDecision.PAUSE, 10, "c-1");
            for (int i = 0; i < 100; i++) {
                event(RolloutDecision.HOLD, 10, null);
            }
            assertEquals(List.of("PAUSE"), only().rollout().actions().stream().map(FleetSnapshot.Decision::decision).toList());
            assertEquals(20, only().rollout().decisions().size());
        }

        @Test
        void isNotMovedByACommandThatWasRefused() {
            event(RolloutDecision.PROMOTE, 10, null);
            event(RolloutDecision.PAUSE, 10, "c-1");
            event(RolloutDecision.REFUSE, 10, "c-2");
            assertTrue(only().rollout().paused());
            assertEquals("PAUSE", only().rollout().last().decision());
            assertEquals(2, only().rollout().actions().size());
        }
    }
}
