package io.parallaxfleet.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schemas.avro.PlanProfile;
import io.parallaxfleet.schemas.topics.Topic;
import io.parallaxfleet.telemetry.PlanProfiles;
import io.parallaxfleet.telemetry.Plans;
import io.parallaxfleet.thresholds.Updates;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExplorerTest {
    private static final int BURSTS = 2_000;

    private final RecordedOutbox outbox = new RecordedOutbox();
    private final PlanBook book = new PlanBook(Updates.DEVICE, "1.0", outbox);

    private Explorer explorer(double probability) {
        return new Explorer(probability, new SplittableRandom(11), book, RecordedOutbox.silence());
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

    @Test
    void exploringAlwaysIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> explorer(1));
    }
}
