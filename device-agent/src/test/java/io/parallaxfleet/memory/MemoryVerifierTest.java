package io.parallaxfleet.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partitioner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryVerifierTest {
    /** 0 feeds 1 and 2, which 3 joins: branches 0, 1, 2, 3 of one operator each, every tensor 256 bytes. */
    private static final BranchPlan DIAMOND = BranchPlanner.plan(
            Partitioner.partition(RandomGraphs.ofReads(List.of(List.of(), List.of(0), List.of(0), List.of(1, 2))),
                    OperatorSupport.none(), new DelegationPolicy.Never()),
            BranchOptions.paper());

    private static final Allocation T0 = new Allocation("t0", 0, 0, 256, 0, 2);
    private static final Allocation T1 = new Allocation("t1", 1, 0, 256, 1, 3);
    private static final Allocation T2 = new Allocation("t2", 2, 0, 256, 2, 3);
    private static final Allocation T3 = new Allocation("t3", 3, 0, 256, 3, 3);
    private static final List<Long> ARENAS = List.of(256L, 256L, 256L, 256L);
    private static final List<Long> PEAKS = List.of(256L, 256L, 256L, 256L);

    private static void assertRejected(String why, Allocation... allocations) {
        assertRejected(why, new MemoryPlan(List.of(allocations), ARENAS, PEAKS, Map.of(), 256L * allocations.length));
    }

    private static void assertRejected(String why, MemoryPlan broken) {
        String message = assertThrows(IllegalStateException.class, () -> MemoryVerifier.verify(DIAMOND, broken)).getMessage();
        assertTrue(message.contains(why), message);
    }

    @Test
    void acceptsTheRightPlan() {
        assertDoesNotThrow(
                () -> MemoryVerifier.verify(DIAMOND, new MemoryPlan(List.of(T0, T1, T2, T3), ARENAS, PEAKS, Map.of(), 1024)));
    }

    @Test
    void acceptsATensorInTheStorageOfOneThatIsOver() {
        Allocation overT0 = new Allocation("t3", 0, 0, 256, 3, 3);

        assertDoesNotThrow(
                () -> MemoryVerifier.verify(DIAMOND, new MemoryPlan(List.of(T0, T1, T2, overT0), ARENAS, PEAKS, Map.of(), 1024)));
    }

    @Test
    void rejectsATensorOverOneThatIsStillRead() {
        // t0 is read by branch 2, which may run beside branch 1.
        assertRejected("'t0' and 't1' share storage", T0, new Allocation("t1", 0, 0, 256, 1, 3), T2, T3);
    }

    @Test
    void rejectsATensorInTheArenaOfABranchThatMayRunBesideIt() {
        assertRejected("may run beside it", T0, T1, new Allocation("t2", 1, 0, 256, 2, 3), T3);
    }

    @Test
    void rejectsSharingWhereItIsSwitchedOff() {
        MemoryPlan shared = new MemoryPlan(
                List.of(T0, T1, T2, new Allocation("t3", 0, 0, 256, 3, 3)), ARENAS, PEAKS, Map.of(), 1024);

        assertThrows(IllegalStateException.class,
                () -> MemoryVerifier.verify(DIAMOND, shared, new MemoryOptions(false, false)));
    }

    @Test
    void rejectsAMissingTensor() {
        assertRejected("'t3' of a known size is not placed", T0, T1, T2);
    }

    @Test
    void rejectsATensorPlacedTwice() {
        assertRejected("placed twice", T0, T1, T2, T3, T3);
    }

    @Test
    void rejectsAWrongSize() {
        assertRejected("another size", T0, T1, T2, new Allocation("t3", 3, 0, 128, 3, 3));
    }

    @Test
    void rejectsATensorThatEndsOutsideItsArena() {
        assertRejected("outside its arena", T0, T1, T2, new Allocation("t3", 3, 64, 256, 3, 3));
    }

    @Test
    void rejectsAnOffsetThatIsNotAligned() {
        assertRejected("not aligned", T0, T1, T2, new Allocation("t3", 3, 8, 256, 3, 3));
    }

    @Test
    void rejectsALifetimeThatEndsTooEarly() {
        assertRejected("lives in steps 0..2", new Allocation("t0", 0, 0, 256, 0, 1), T1, T2, T3);
    }

    @Test
    void rejectsAWrongPeak() {
        List<Long> peaks = new ArrayList<>(PEAKS);
        peaks.set(2, 128L);

        assertRejected("branch 2 has a peak of 256", new MemoryPlan(List.of(T0, T1, T2, T3), ARENAS, peaks, Map.of(), 1024));
    }

    @Test
    void rejectsAStaticTensorListedAsDynamic() {
        assertRejected("dynamic", new MemoryPlan(List.of(T0, T1, T2, T3), ARENAS, PEAKS, Map.of("t1", 1), 1024));
    }
}
