package io.parallaxfleet.operators.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.operators.fit.CostModel;
import io.parallaxfleet.operators.fit.EnergyFit;
import io.parallaxfleet.operators.fit.RegionShape;
import io.parallaxfleet.operators.fit.RunModel;
import io.parallaxfleet.operators.fit.WorkloadRegion;
import io.parallaxfleet.schemas.avro.CostModelEstimate;
import io.parallaxfleet.schemas.avro.Interval;
import io.parallaxfleet.schemas.avro.Objective;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
    /** Ten times as fast as the CPU, from 11 million MACs on. */
    private static final CostModel SECONDS = new CostModel(5e-11, 5e-4, 5e-12, 0);
    /** Thrice as hungry per MAC, whatever the size. */
    private static final CostModel JOULES = new CostModel(1e-10, 1e-3, 3e-10, 0);
    private static final List<WorkloadRegion> REGIONS = List.of(region(50_000_000), region(2_000_000_000L), region(4_000_000_000L));

    @Test
    void forLatencyTheFastAcceleratorIsUsed() {
        assertTrue(search(Objective.LATENCY, JOULES).rule().delegates(REGIONS.get(2).shape()));
    }

    @Test
    void forEnergyTheHungryAcceleratorIsNot() {
        SearchResult.Propose proposal = search(Objective.ENERGY, JOULES);

        assertEquals(new DelegationRule.Never(), proposal.rule());
        assertTrue(proposal.afterNanos() > proposal.beforeNanos(), "the price in latency is said");
    }

    @Test
    void forBothATenthOfTheTimeIsWorthALittleMoreEnergyButNotThriceAsMuch() {
        InForce never = InForce.published(new DelegationRule.Never());

        assertInstanceOf(SearchResult.Keep.class, result(Objective.BALANCED, JOULES, never));
        SearchResult.Propose proposal = assertInstanceOf(SearchResult.Propose.class,
                result(Objective.BALANCED, new CostModel(1e-10, 0, 1.05e-10, 0), never));
        assertTrue(proposal.rule().delegates(REGIONS.get(1).shape()));
    }

    @Test
    void unavailableEnergyIsNotTakenForNone() {
        SearchResult result = new ThresholdSearch(new SearchOptions(0.03, 10, Objective.ENERGY))
                .search(REGIONS, SECONDS, null, InForce.published(DelegationRule.paper()), List.of());

        assertTrue(assertInstanceOf(SearchResult.Keep.class, result).why().contains("unavailable"));
    }

    @Test
    void anUnknownObjectiveIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new SearchOptions(0, 0, Objective.UNKNOWN));
    }

    private static SearchResult.Propose search(Objective objective, CostModel joules) {
        // Devices that differ on the largest region leave both directions open.
        InForce mixed = new InForce(DelegationRule.paper(), Map.of(REGIONS.get(2).shape(), 0.5));
        return assertInstanceOf(SearchResult.Propose.class, result(objective, joules, mixed));
    }

    private static SearchResult result(Objective objective, CostModel joules, InForce inForce) {
        return new ThresholdSearch(new SearchOptions(0.03, 10, objective))
                .search(REGIONS, SECONDS, new EnergyFit("rapl", estimate(joules), REGIONS), inForce, List.of());
    }

    private static WorkloadRegion region(long macs) {
        return WorkloadRegion.unmeasured(new RunModel("hash input:1x3", "model"), new RegionShape(5, macs, 100), 1);
    }

    private static CostModelEstimate estimate(CostModel model) {
        return CostModelEstimate.newBuilder()
                .setCpuSecondsPerMac(exactly(model.cpuSecondsPerMac()))
                .setDispatchSeconds(exactly(model.dispatchSeconds()))
                .setAcceleratorSecondsPerMac(exactly(model.acceleratorSecondsPerMac()))
                .setSecondsPerByte(exactly(model.secondsPerByte()))
                .setCpuSamples(1)
                .setAcceleratorSamples(1)
                .setDistinctRegions(1)
                .setMedianRelativeError(0)
                .build();
    }

    private static Interval exactly(double value) {
        return new Interval(value, value, value);
    }
}
