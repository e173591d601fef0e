package io.parallaxfleet.partition;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.RandomGraphs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionVerifierTest {
    private static final DelegationPolicy ANYTHING = new DelegationPolicy.Thresholds(1, 0, 1e9);
    /** 0 -> 1 -> 2 -> 3. */
    private static final ModelGraph CHAIN = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(1), List.of(2)));
    private static final long TENSOR_BYTES = 64 * 4;

    private static Partition partition(ModelGraph graph, Region... regions) {
        List<Verdict> verdicts = new ArrayList<>();
        for (Region region : regions) {
            verdicts.add(ANYTHING.judge(region));
        }
        return new Partition(graph, ANYTHING, verdicts);
    }

    private static void assertRejected(String why, Partition partition) {
        String message = assertThrows(IllegalStateException.class, () -> PartitionVerifier.verify(partition)).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void rejectsARegionThatAPathLeavesAndReenters() {
        ModelGraph detour = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0, 1)));

        assertRejected("not convex", partition(detour,
                new Region(0, List.of(0, 2), List.of("in", "t1"), List.of("t0", "t2"), 128, 4 * TENSOR_BYTES)));
    }

    @Test
    void rejectsARegionInTwoPieces() {
        ModelGraph fork = RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0)));

        assertRejected("not connected", partition(fork,
                new Region(0, List.of(1, 2), List.of("t0"), List.of("t1", "t2"), 128, 3 * TENSOR_BYTES)));
    }

    @Test
    void rejectsRegionsThatShareAnOperator() {
        assertRejected("shares operator 1", partition(CHAIN,
                new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 128, 2 * TENSOR_BYTES),
                new Region(1, List.of(1, 2), List.of("t0"), List.of("t2"), 128, 2 * TENSOR_BYTES)));
    }

    @Test
    void rejectsRegionsThatWaitForEachOther() {
        // Regions {0, 4} and {1, 5}, each convex: 0 -> 2 -> 5 and 1 -> 3 -> 4 make them wait for each other.
        ModelGraph crossed = RandomGraphs.ofReads(
                List.of(List.of(), List.of(), List.of(0), List.of(1), List.of(0, 3), List.of(1, 2)));

        assertRejected("cycle", partition(crossed,
                new Region(0, List.of(0, 4), List.of("in", "t3"), List.of("t0", "t4"), 128, 4 * TENSOR_BYTES),
                new Region(1, List.of(1, 5), List.of("in", "t2"), List.of("t1", "t5"), 128, 4 * TENSOR_BYTES)));
    }

    @Test
    void rejectsAWrongBoundary() {
        assertRejected("outputs", partition(CHAIN,
                new Region(0, List.of(0, 1), List.of("in"), List.of("t0", "t1"), 128, 3 * TENSOR_BYTES)));
    }

    @Test
    void rejectsAWrongF() {
        assertRejected("F = 1", partition(CHAIN, new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 1, 2 * TENSOR_BYTES)));
    }

    @Test
    void rejectsAWrongB() {
        assertRejected("B = 1", partition(CHAIN, new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 128, 1)));
    }

    @Test
    void rejectsAVerdictThatIsNotThePolicys() {
        Region region = new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 128, 2 * TENSOR_BYTES);

        assertRejected("not the policy's", new Partition(CHAIN, DelegationPolicy.paper(), List.of(new Verdict.Kept(region, List.of()))));
    }

    @Test
    void rejectsAnEligibleOperatorOutsideAllRegions() {
        Partition partition = partition(CHAIN, new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 128, 2 * TENSOR_BYTES));

        assertTrue(assertThrows(IllegalStateException.class, () -> PartitionVerifier.verify(partition, (graph, node) -> true))
                .getMessage().contains("eligible and in no region"));
    }

    @Test
    void rejectsTwoRegionsThatCouldBeOne() {
        Partition partition = partition(CHAIN,
                new Region(0, List.of(0, 1), List.of("in"), List.of("t1"), 128, 2 * TENSOR_BYTES),
                new Region(1, List.of(2, 3), List.of("t1"), List.of("t3"), 128, 2 * TENSOR_BYTES));

        assertTrue(assertThrows(IllegalStateException.class, () -> PartitionVerifier.verify(partition, (graph, node) -> true))
                .getMessage().contains("could be one"));
    }
}
