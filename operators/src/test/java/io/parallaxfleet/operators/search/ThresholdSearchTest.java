package io.parallaxfleet.operators.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.ModelDeviation;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ThresholdSearchTest {
    /** Break-even near 11 million MACs for B/F of 0.01. */
    private static final CostModel FAST = new CostModel(5e-11, 5e-4, 5e-12, 2.5e-10);
    /** Four times slower than the CPU on everything. */
    private static final CostModel SLOW = new CostModel(5e-11, 5e-4, 2e-10, 2.5e-10);

    private static final RunModel MODEL = new RunModel("hash input:1x3", "model");

    private final ThresholdSearch search = new ThresholdSearch(0.03);

    @Test
    void aFastAcceleratorGetsLowerThresholdsThanThePapers() {
        SearchResult.Propose proposal = propose(regions(7, 40), FAST, DelegationRule.paper());

        DelegationRule.Thresholds rule = assertInstanceOf(DelegationRule.Thresholds.class, proposal.rule());
        assertTrue(rule.minMacs() < 1_000_000_000L, rule::describe);
        assertTrue(proposal.delegatedAfter() > proposal.delegatedBefore());
        assertTrue(proposal.afterNanos() < 0.97 * proposal.beforeNanos());
    }

    @Test
    void anAcceleratorThatWinsNowhereIsNeverUsed() {
        SearchResult.Propose proposal = propose(regions(7, 40), SLOW, DelegationRule.paper());

        assertInstanceOf(DelegationRule.Never.class, proposal.rule());
        assertEquals(0, proposal.delegatedAfter());
    }

    @Test
    void noRuleOfTheFormIsBetter() {
        for (int seed = 0; seed < 25; seed++) {
            List<WorkloadRegion> regions = regions(seed, 14);
            // A costly byte makes the third threshold matter.
            CostModel model = new CostModel(5e-11, 5e-4, 5e-12, 2e-9);
            SearchResult result = new ThresholdSearch(0).search(regions, model, InForce.published(new DelegationRule.Never()), List.of());
            double found = result instanceof SearchResult.Propose proposal
                    ? predicted(regions, model, proposal.rule())
                    : predicted(regions, model, new DelegationRule.Never());

            double never = predicted(regions, model, new DelegationRule.Never());
            double best = bruteForce(regions, model);
            assertEquals(best < (1 - ThresholdSearch.WORTH_USING) * never ? best : never, found, 1e-12, "seed " + seed);
        }
    }

    @Test
    void anAcceleratorThatSavesLessThanAFitErrsByIsNotUsed() {
        // Of one region in two hundred milliseconds a millisecond.
        List<WorkloadRegion> regions = List.of(region(5, 4_000_000_000L, 100));
        CostModel hardlyFaster = new CostModel(5e-11, 1e-3, 4.95e-11, 0);

        SearchResult result = new ThresholdSearch(0)
                .search(regions, hardlyFaster, InForce.published(new DelegationRule.Never()), List.of());
        assertTrue(assertInstanceOf(SearchResult.Keep.class, result).why().contains("never delegate"), result::toString);
    }

    @Test
    void thresholdsStandInTheGeometricMiddleBetweenTheRegionsTheySeparate() {
        List<WorkloadRegion> regions =
                List.of(region(5, 4_000_000, 100), region(5, 100_000_000, 100), region(5, 800_000_000, 100));

        DelegationRule.Thresholds rule = assertInstanceOf(DelegationRule.Thresholds.class,
                propose(regions, FAST, new DelegationRule.Never()).rule());

        assertEquals(20_000_000, rule.minMacs());
    }

    @Test
    void aRuleThatDecidesEveryRegionAlikeIsKept() {
        List<WorkloadRegion> regions = List.of(region(5, 4_000_000, 100), region(5, 2_000_000_000L, 100));

        SearchResult.Keep keep = keep(regions, FAST, DelegationRule.paper(), List.of());

        assertTrue(keep.why().contains("decides every region as the one in force"), keep.why());
    }

    @Test
    void whereDevicesDifferOnARegionNoRuleDecidesAsTheyAllDo() {
        List<WorkloadRegion> regions = List.of(region(5, 4_000_000, 100), region(5, 2_000_000_000L, 100));
        InForce mixed = new InForce(DelegationRule.paper(), Map.of(regions.get(1).shape(), 0.75));

        SearchResult.Propose proposal = assertInstanceOf(SearchResult.Propose.class, search.search(regions, FAST, mixed, List.of()));

        double whole = predicted(regions, FAST, DelegationRule.paper());
        double never = predicted(regions, FAST, new DelegationRule.Never());
        assertEquals(1e9 * (0.75 * whole + 0.25 * never), proposal.beforeNanos(), 1);
        assertEquals(1e9 * whole, proposal.afterNanos(), 1);
    }

    @Test
    void whatDevicesReallyDelegateOverrulesTheRuleTheyAreSaidToFollow() {
        List<WorkloadRegion> regions = List.of(region(5, 2_000_000_000L, 100));
        InForce delegatesAfterAll = new InForce(new DelegationRule.Never(), Map.of(regions.get(0).shape(), 1.0));

        assertInstanceOf(SearchResult.Keep.class, search.search(regions, FAST, delegatesAfterAll, List.of()));
    }

    @Test
    void aSmallGainIsNotWorthAChange() {
        List<WorkloadRegion> regions = List.of(region(5, 12_000_000, 1000), region(5, 50_000_000_000L, 100));

        SearchResult.Keep keep = keep(regions, FAST, DelegationRule.paper(), List.of());

        assertTrue(keep.why().contains("below the 3.0 %"), keep.why());
    }

    @Test
    void aRuleThatWasRefutedByMeasurementIsNotProposedAgain() {
        List<WorkloadRegion> regions = regions(7, 40);
        DelegationRule refuted = propose(regions, FAST, DelegationRule.paper()).rule();

        SearchResult.Keep keep = keep(regions, FAST, DelegationRule.paper(), List.of(refuted));

        assertTrue(keep.why().contains("rolled back"), keep.why());
    }

    @Test
    void aModelThatWasMeasuredIsNotMadeMuchSlowerForTheSakeOfTheOthers() {
        RunModel loser = new RunModel("loser", "ppocr");
        // On the CPU it takes twice what the class's line says, so the accelerator, slower for all else, is its better place.
        WorkloadRegion its = new WorkloadRegion(loser, new RegionShape(5, 3_000_000_000L, 100), 1, new ModelDeviation(6, 1, 50, 50, 10_000), null,
                null);
        List<WorkloadRegion> regions = List.of(its, region(5, 2_000_000_000L, 100), region(5, 9_000_000_000L, 100));

        List<WorkloadRegion> larger = List.of(its, region(5, 9_000_000_000L, 100));
        SearchResult.Keep keep = keep(larger, SLOW, new DelegationRule.Thresholds(1, 1, 1), List.of());
        assertTrue(keep.why().contains("ppocr +50 %"), keep.why());
        DelegationRule rule = propose(regions, SLOW, new DelegationRule.Thresholds(1, 1, 1)).rule();
        assertTrue(rule.delegates(its.shape()), rule::describe);
    }

    @Test
    void whatThresholdsCanSeparateIsSeparated() {
        RunModel winner = new RunModel("winner", "ppocr");
        WorkloadRegion its = new WorkloadRegion(winner, new RegionShape(5, 30_000_000_000L, 100), 1, new ModelDeviation(6, 1, 50, 50, 10_000),
                null, null);
        List<WorkloadRegion> regions = List.of(its, region(5, 2_000_000_000L, 100), region(5, 9_000_000_000L, 100));

        DelegationRule rule = propose(regions, SLOW, DelegationRule.paper()).rule();
        assertTrue(rule.delegates(its.shape()) && !rule.delegates(regions.get(2).shape()), rule::describe);
    }

    @Test
    void aModelThatWasMeasuredOnNeitherSideDoesNotHoldTheOthersBack() {
        WorkloadRegion guessed = new WorkloadRegion(new RunModel("other", "other"), new RegionShape(5, 3_000_000_000L, 100), 1,
                new ModelDeviation(6, 1, 3, 3, 10_000), null, null);
        List<WorkloadRegion> regions = List.of(guessed, region(5, 2_000_000_000L, 100), region(5, 9_000_000_000L, 100));

        SearchResult.Propose proposal = propose(regions, SLOW, DelegationRule.paper());
        assertEquals(new DelegationRule.Never(), proposal.rule());
        assertEquals("other", proposal.models().get(0).model());
        assertTrue(proposal.models().get(0).describe().contains("by the class's line"));
    }

    @Test
    void withoutCandidatesThereIsNothingToDecide() {
        assertTrue(keep(List.of(), FAST, DelegationRule.paper(), List.of()).why().contains("no candidate"));
        assertTrue(keep(List.of(region(5, 0, 100)), FAST, DelegationRule.paper(), List.of()).why().contains("no candidate"));
    }

    @Test
    void proposedThresholdsAreInTheRangeThatAgentsAccept() {
        for (int seed = 0; seed < 50; seed++) {
            // The record's constructor refuses anything else.
            new ThresholdSearch(0).search(regions(seed, 30), FAST, InForce.published(DelegationRule.paper()), List.of());
        }
        propose(List.of(region(1, 900_000_000_000_000_000L, 1)), FAST, new DelegationRule.Never());
    }

    private SearchResult.Propose propose(List<WorkloadRegion> regions, CostModel model, DelegationRule inForce) {
        return assertInstanceOf(SearchResult.Propose.class, search.search(regions, model, InForce.published(inForce), List.of()));
    }

    private SearchResult.Keep keep(List<WorkloadRegion> regions, CostModel model, DelegationRule inForce,
            List<DelegationRule> rejected) {
        return assertInstanceOf(SearchResult.Keep.class, search.search(regions, model, InForce.published(inForce), rejected));
    }

    private static double predicted(List<WorkloadRegion> regions, CostModel model, DelegationRule rule) {
        return ThresholdSearch.predictedSeconds(regions, model, InForce.published(rule));
    }

    private static WorkloadRegion region(int operators, long macs, long bytes) {
        return WorkloadRegion.unmeasured(MODEL, new RegionShape(operators, macs, bytes), 1);
    }

    private static List<WorkloadRegion> regions(long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        List<WorkloadRegion> regions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long macs = Math.round(1e6 * Math.pow(10_000, random.nextDouble()));
            long bytes = Math.round(macs * 0.001 * Math.pow(100, random.nextDouble()));
            regions.add(WorkloadRegion.unmeasured(MODEL, new RegionShape(1 + random.nextInt(12), macs, bytes), 0.1 + random.nextDouble()));
        }
        return regions;
    }

    // Every combination of the regions' own values as thresholds, and never.
    private static double bruteForce(List<WorkloadRegion> regions, CostModel model) {
        double best = predicted(regions, model, new DelegationRule.Never());
        for (WorkloadRegion n : regions) {
            for (WorkloadRegion f : regions) {
                for (WorkloadRegion q : regions) {
                    DelegationRule rule = new DelegationRule.Thresholds(n.shape().operators(), f.shape().macs(),
                            q.shape().bytesPerMac());
                    best = Math.min(best, predicted(regions, model, rule));
                }
            }
        }
        return best;
    }
}
