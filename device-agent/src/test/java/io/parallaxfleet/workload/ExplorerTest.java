package io.parallaxfleet.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.avro.ThermalState;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.DeviceState;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.thresholds.Updates;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ExplorerTest {
    private static final int BURSTS = 2_000;

    private final RecordedOutbox outbox = new RecordedOutbox();
    private final PlanBook book = new PlanBook(Updates.DEVICE, "1.0", outbox);

    /** How the device is; a cool one with memory to spare and no battery unless a test says otherwise. */
    private DeviceState state = state(ThermalState.NOMINAL, OptionalInt.empty(), Optional.empty(), 8L << 30);

    private static DeviceState state(ThermalState thermal, OptionalInt batteryPercent, Optional<Boolean> charging, long freeBytes) {
        return new DeviceState(thermal, batteryPercent, charging, freeBytes);
    }

    private Explorer explorer(double probability) {
        return new Explorer(() -> probability, new SplittableRandom(11), book, RecordedOutbox.silence(), () -> state);
    }

    private List<PlanChoice> choices(double probability, FakeModel model) {
        Explorer explorer = explorer(probability);
        return IntStream.range(0, BURSTS).mapToObj(i -> explorer.choose(model, 0)).toList();
    }

    @Test
    void theShareOfExploredBurstsIsTheProbability() {
        long explored = choices(0.2, new FakeModel("m", Plans.EAGER)).stream().filter(PlanChoice::explored).count();

        assertEquals(0.2 * BURSTS, explored, 0.03 * BURSTS);
    }

    @Test
    void withoutExplorationThePolicysPlanRunsWithProbabilityOne() {
        assertTrue(choices(0, new FakeModel("m", Plans.EAGER)).stream()
                .allMatch(choice -> !choice.explored() && choice.probability() == 1));
    }

    @Test
    void bothPlacementsAreTriedWhereThePolicyDelegates() {
        List<PlanChoice> explored =
                choices(0.3, new FakeModel("m", Plans.EAGER)).stream().filter(PlanChoice::explored).toList();
        long never = explored.stream().filter(choice -> PlanProfiles.delegatedRegions(choice.plan().orElseThrow()) == 0).count();

        assertEquals(Explorer.NEVER_SHARE * explored.size(), never, 0.06 * explored.size());
    }

    @Test
    void onlyRegionsAreTriedWhereThePolicyDelegatesNothing() {
        assertTrue(choices(0.3, new FakeModel("m", new DelegationPolicy.Never())).stream()
                .filter(PlanChoice::explored)
                .allMatch(choice -> PlanProfiles.delegatedRegions(choice.plan().orElseThrow()) == 1));
    }

    @Test
    void probabilitiesOfTheKindsAddUpToOne() {
        Set<Double> kinds = new HashSet<>();
        choices(0.2, new FakeModel("m", Plans.EAGER)).forEach(choice -> kinds.add(choice.probability()));

        assertEquals(3, kinds.size());
        assertEquals(1, kinds.stream().mapToDouble(Double::doubleValue).sum(), 1e-9);
    }

    @Test
    void fewPlansAreHeldAndTheOthersGivenBack() {
        FakeModel model = new FakeModel("m", Plans.EAGER);

        choices(0.3, model);

        assertTrue(model.held.size() <= Explorer.PLANS_PER_MODEL, model.held.size() + " plans are held");
    }

    @Test
    void everyExploredPlanIsPublishedAsExploredBeforeItRuns() {
        List<PlanChoice> explored = choices(0.3, new FakeModel("m", Plans.EAGER)).stream().filter(PlanChoice::explored).toList();
        Set<String> published = new HashSet<>();
        outbox.values(Topic.PLANS, PlanProfile.class).forEach(profile -> {
            assertTrue(profile.getExplored());
            assertTrue(published.add(profile.getPlanId()), "published twice");
        });

        explored.forEach(choice -> assertTrue(published.contains(PlanProfiles.planId(Updates.DEVICE, choice.plan().orElseThrow()))));
    }

    @Test
    void aModelWithNothingForTheAcceleratorIsSoonLeftAlone() {
        FakeModel model = new FakeModel("m", new DelegationPolicy.Never());
        model.regions = List.of();

        List<PlanChoice> choices = choices(0.3, model);

        assertTrue(choices.stream().noneMatch(PlanChoice::explored));
        assertEquals(1, choices.get(BURSTS - 1).probability());
    }

    @Test
    void aPlanThatCannotBeBuiltLeavesThePolicysPlan() {
        FakeModel model = new FakeModel("m", Plans.EAGER);
        model.planningFailure = new IllegalStateException("no memory on the device");

        assertFalse(choices(0.3, model).stream().anyMatch(PlanChoice::explored));
    }

    @Nested
    class NothingIsTried {
        private void assertNothingIsTried() {
            assertTrue(choices(0.5, new FakeModel("m", Plans.EAGER)).stream()
                    .allMatch(choice -> !choice.explored() && choice.probability() == 1));
        }

        @Test
        void whenTheDeviceIsHot() {
            for (ThermalState hot : List.of(ThermalState.SERIOUS, ThermalState.CRITICAL)) {
                state = state(hot, OptionalInt.empty(), Optional.empty(), 8L << 30);
                assertNothingIsTried();
            }
        }

        @Test
        void onALowBatteryThatIsNotCharged() {
            state = state(ThermalState.NOMINAL, OptionalInt.of(ExplorationLeave.LOW_BATTERY_PERCENT), Optional.of(false), 8L << 30);
            assertNothingIsTried();
        }

        @Test
        void onALowBatteryThatDoesNotSayWhetherItIsCharged() {
            state = state(ThermalState.NOMINAL, OptionalInt.of(5), Optional.empty(), 8L << 30);
            assertNothingIsTried();
        }

        @Test
        void whenMemoryIsShort() {
            state = state(ThermalState.NOMINAL, OptionalInt.empty(), Optional.empty(), ExplorationLeave.RESERVE_BYTES - 1);
            assertNothingIsTried();
        }
    }

    @Nested
    class SomethingIsTried {
        private void assertSomethingIsTried() {
            assertTrue(choices(0.5, new FakeModel("m", Plans.EAGER)).stream().anyMatch(PlanChoice::explored));
        }

        @Test
        void onALowBatteryThatIsCharged() {
            state = state(ThermalState.FAIR, OptionalInt.of(5), Optional.of(true), 8L << 30);
            assertSomethingIsTried();
        }

        @Test
        void byADeviceThatDoesNotKnowItsHeatItsBatteryOrItsMemory() {
            state = state(ThermalState.UNKNOWN, OptionalInt.empty(), Optional.empty(), 0);
            assertSomethingIsTried();
        }

        @Test
        void againOnceTheDeviceHasCooledDown() {
            Explorer explorer = explorer(0.5);
            FakeModel model = new FakeModel("m", Plans.EAGER);
            DeviceState cool = state;
            state = state(ThermalState.CRITICAL, OptionalInt.empty(), Optional.empty(), 8L << 30);
            assertTrue(IntStream.range(0, 50).noneMatch(i -> explorer.choose(model, 0).explored()));
            state = cool;
            assertTrue(IntStream.range(0, 50).anyMatch(i -> explorer.choose(model, 0).explored()));
        }
    }

    @Test
    void regionsNearThePolicysBoundaryAreTriedMoreOftenThanOthers() {
        List<Set<Integer>> growing = List.of(Set.of(3), Set.of(3, 4), Set.of(3, 4, 5), Set.of(3, 4, 5, 6), Set.of(3, 4, 5, 6, 7));
        Set<Integer> nearest = growing.get(2);
        FakeModel model = new FakeModel("m", new DelegationPolicy.Thresholds(nearest.size(), 0, 1e9));
        model.regions = growing;

        List<Set<Integer>> tried = choices(0.9, model).stream()
                .flatMap(choice -> choice.plan().stream())
                .map(plan -> plan.branches().partition().delegated())
                .filter(delegated -> delegated.size() == 1)
                .map(delegated -> Set.copyOf(delegated.get(0).nodes()))
                .toList();

        double near = (double) tried.stream().filter(nearest::equals).count() / tried.size();
        // Half of the draws are uniform over five, half the nearest of four: 0.5 / 5 + 0.5 * (1 - 0.8^4).
        assertEquals(0.395, near, 0.08);
        assertEquals(growing.size(), tried.stream().distinct().count());
    }

    @Test
    void aShareThatChangesIsReportedAsItWasForEachBurst() {
        double[] share = {0.1};
        Explorer explorer = new Explorer(() -> share[0], new SplittableRandom(11), book, RecordedOutbox.silence(), () -> state);
        FakeModel model = new FakeModel("m", Plans.EAGER);
        for (double now : new double[] {0.1, 0.5, 0.1}) {
            share[0] = now;
            List<PlanChoice> choices = IntStream.range(0, BURSTS).mapToObj(i -> explorer.choose(model, 0)).toList();

            assertEquals(now * BURSTS, choices.stream().filter(PlanChoice::explored).count(), 0.04 * BURSTS);
            assertTrue(choices.stream().filter(choice -> !choice.explored()).allMatch(choice -> choice.probability() == 1 - now));
        }
    }
}
