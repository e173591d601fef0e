package io.parallaxfleet.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DelegationPolicyTest {
    private static Region region(int operators, long macs, long boundaryBytes) {
        List<Integer> nodes = java.util.stream.IntStream.range(0, operators).boxed().toList();
        return new Region(0, nodes, List.of("in"), List.of("out"), macs, boundaryBytes);
    }

    private static List<Evidence.Test> failed(Verdict verdict) {
        return assertInstanceOf(Verdict.Pruned.class, verdict).failed().stream().map(Evidence::test).toList();
    }

    @Test
    void aRegionThatPassesEveryTestIsKeptWithTheEvidence() {
        Verdict verdict = DelegationPolicy.paper().judge(region(3, 1_000_000_000L, 100_000_000L));

        assertInstanceOf(Verdict.Kept.class, verdict);
        assertEquals(3, verdict.evidence().size());
    }

    @Test
    void aPrunedRegionSaysByHowMuchItFails() {
        Verdict verdict = DelegationPolicy.paper().judge(region(5, 250_000_000L, 1_000));

        Evidence test = assertInstanceOf(Verdict.Pruned.class, verdict).failed().get(0);

        assertEquals(Evidence.Test.MACS, test.test());
        assertEquals(2.5e8, test.value());
        assertEquals(1e9, test.threshold());
        assertEquals(0.25, test.ratio());
        assertTrue(verdict.reason().contains("by a factor of 4.00"), verdict.reason());
    }

    @Test
    void everyFailedTestIsNamed() {
        assertEquals(List.of(Evidence.Test.OPERATORS, Evidence.Test.MACS, Evidence.Test.BYTES_PER_MAC),
                failed(DelegationPolicy.paper().judge(region(2, 10, 1_000))));
    }

    @Test
    void aRegionThatComputesNothingNeverPassesTheRatio() {
        assertEquals(List.of(Evidence.Test.BYTES_PER_MAC),
                failed(new DelegationPolicy.Thresholds(1, 0, 1e9).judge(region(1, 0, 8))));
    }

    @Test
    void breakEvenComparesTheTwoTimes() {
        DelegationPolicy.BreakEven policy = new DelegationPolicy.BreakEven(1e-3, 1e9, 1e12, 1e9);
        // On the CPU 2 ms; on the accelerator 1 ms + 2 us + 0.5 ms.
        Evidence test = policy.judge(region(1, 2_000_000L, 500_000L)).evidence().get(0);

        assertEquals(1.502e-3, test.value(), 1e-9);
        assertEquals(2e-3, test.threshold(), 1e-9);
        assertTrue(test.holds());
    }

    @Test
    void breakEvenPrunesWhatCostsTheSame() {
        DelegationPolicy.BreakEven policy = new DelegationPolicy.BreakEven(0, 1e9, 1e9, 1e9);

        assertEquals(List.of(Evidence.Test.BREAK_EVEN), failed(policy.judge(region(1, 1_000, 0))));
    }

    @Test
    void neverTestsNothing() {
        Verdict verdict = new DelegationPolicy.Never().judge(region(100, 1L << 40, 1));

        assertEquals(Verdict.Excluded.Rule.NEVER, assertInstanceOf(Verdict.Excluded.class, verdict).rule());
    }

    @Test
    void aVerdictCannotContradictItsEvidence() {
        Evidence fails = new Evidence(Evidence.Test.MACS, 1, 2);

        assertThrows(IllegalArgumentException.class, () -> new Verdict.Kept(region(1, 1, 1), List.of(fails)));
        assertThrows(IllegalArgumentException.class, () -> new Verdict.Pruned(region(1, 1, 1), List.of()));
    }

    @Nested
    class TheDistanceFromTheBoundary {
        private final DelegationPolicy policy = new DelegationPolicy.Thresholds(1, 1_000, 1);

        @Test
        void ofAPrunedRegionIsTheFactorThatItsWorstTestMisses() {
            assertEquals(Math.log(10), policy.judge(region(1, 100, 50)).boundaryDistance(), 1e-9);
        }

        @Test
        void ofAKeptRegionIsTheRoomThatItsTightestTestLeaves() {
            assertEquals(Math.log(2), policy.judge(region(8, 4_000, 2_000)).boundaryDistance(), 1e-9);
        }

        @Test
        void isInfiniteWhereNothingWasTested() {
            assertEquals(Double.POSITIVE_INFINITY, new DelegationPolicy.Never().judge(region(1, 1, 1)).boundaryDistance());
        }

        @Test
        void isInfiniteForARegionThatComputesNothing() {
            assertEquals(Double.POSITIVE_INFINITY, policy.judge(region(1, 0, 8)).boundaryDistance());
        }
    }
}
