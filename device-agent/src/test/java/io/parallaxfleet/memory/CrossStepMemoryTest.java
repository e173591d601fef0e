package io.parallaxfleet.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrossStepMemoryTest {
    private static StorageRequest request(String tensor, long bytes, int producer, Integer... consumers) {
        return new StorageRequest(tensor, bytes, producer, Set.of(consumers), false);
    }

    @Test
    void aChainOfStepsNeedsTwoBuffers() {
        List<List<Integer>> chain = List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3));
        List<StorageRequest> requests = List.of(
                request("a", 64, 0, 1), request("b", 64, 1, 2), request("c", 64, 2, 3), request("d", 64, 3, 4));

        assertEquals(128, CrossStepMemory.plan(requests, chain).bytes());
    }

    @Test
    void stepsThatMayRunSideBySideDoNotShare() {
        List<List<Integer>> fork = List.of(List.of(), List.of(), List.of(0), List.of(1));

        CrossStepPlan plan = CrossStepMemory.plan(List.of(request("left", 64, 0, 2), request("right", 64, 1, 3)), fork);

        assertNotEquals(plan.offsets().get("left"), plan.offsets().get("right"));
    }

    @Test
    void aStepDoesNotWriteOverWhatItReads() {
        List<List<Integer>> chain = List.of(List.of(), List.of(0), List.of(1));

        assertEquals(128, CrossStepMemory.plan(List.of(request("in", 64, 0, 1), request("out", 64, 1, 2)), chain).bytes());
    }

    @Test
    void aGraphOutputIsNeverWrittenOver() {
        List<List<Integer>> chain = List.of(List.of(), List.of(0), List.of(1), List.of(2));
        StorageRequest output = new StorageRequest("early", 64, 0, Set.of(1), true);

        CrossStepPlan plan = CrossStepMemory.plan(List.of(output, request("late", 64, 2, 3)), chain);

        assertEquals(128, plan.bytes());
    }

    @Test
    void aTensorNobodyReadsIsFreeOnceItsWriterIsOver() {
        List<List<Integer>> chain = List.of(List.of(), List.of(0), List.of(1));

        assertEquals(64, CrossStepMemory.plan(List.of(request("unread", 64, 0), request("next", 64, 1, 2)), chain).bytes());
    }

    @Test
    void emptyTensorsTakeNoStorage() {
        CrossStepPlan plan = CrossStepMemory.plan(List.of(request("empty", 0, 0, 1)), List.of(List.of(), List.of(0)));

        assertEquals(new CrossStepPlan(Map.of("empty", 0L), 0), plan);
    }

    @Test
    void aReaderThatDoesNotWaitForTheWriterIsRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                        () -> CrossStepMemory.plan(List.of(request("a", 64, 0, 1)), List.of(List.of(), List.of())))
                .getMessage().contains("'a' is read by step 1, which does not wait"));
    }

    @Test
    void stepsThatWaitInACircleAreRefused() {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> CrossStepMemory.plan(List.of(), List.of(List.of(1), List.of(0))))
                .getMessage().contains("circle"));
    }

    @Test
    void aTensorRequestedTwiceIsRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> CrossStepMemory.plan(List.of(request("a", 64, 0), request("a", 64, 0)), List.of(List.of())));
    }

    @Test
    void plansOfRandomStepGraphsHoldAndNeverExceedOneBufferForEachTensor() {
        Random random = new Random(77);
        for (int trial = 0; trial < 2_000; trial++) {
            List<List<Integer>> predecessors = randomSteps(random);
            List<StorageRequest> requests = randomRequests(random, predecessors);

            CrossStepPlan plan = CrossStepMemory.plan(requests, predecessors);

            assertDoesNotThrow(() -> CrossStepVerifier.verify(requests, predecessors, plan), "trial " + trial);
            assertTrue(plan.bytes() <= requests.stream().mapToLong(request -> Arena.align(request.bytes())).sum());
        }
    }

    @Test
    void noTensorIsLostInAnyRandomExecution() {
        Random random = new Random(78);
        for (int trial = 0; trial < 500; trial++) {
            List<List<Integer>> predecessors = randomSteps(random);
            List<StorageRequest> requests = randomRequests(random, predecessors);
            CrossStepPlan plan = CrossStepMemory.plan(requests, predecessors);
            RandomExecution execution = new RandomExecution(random, predecessors, Math.toIntExact(plan.bytes() / 64));
            for (StorageRequest request : requests) {
                long first = plan.offsets().get(request.tensor()) / 64;
                execution.store(request.tensor(), Math.toIntExact(first), Math.toIntExact(Arena.align(request.bytes()) / 64),
                        request.producerStep(), request.consumerSteps(), request.output());
            }

            assertEquals(List.of(), execution.lostTensors(), "trial " + trial);
        }
    }

    @Test
    void theVerifierRejectsStorageSharedByTensorsAliveTogether() {
        List<List<Integer>> fork = List.of(List.of(), List.of(), List.of(0), List.of(1));
        List<StorageRequest> requests = List.of(request("left", 64, 0, 2), request("right", 64, 1, 3));
        CrossStepPlan broken = new CrossStepPlan(Map.of("left", 0L, "right", 0L), 64);

        assertTrue(assertThrows(IllegalStateException.class, () -> CrossStepVerifier.verify(requests, fork, broken))
                .getMessage().contains("may be alive at the same time"));
    }

    @Test
    void theVerifierRejectsATensorOutsideTheArena() {
        CrossStepPlan broken = new CrossStepPlan(Map.of("a", 64L), 64);

        assertThrows(IllegalStateException.class,
                () -> CrossStepVerifier.verify(List.of(request("a", 64, 0)), List.of(List.of()), broken));
    }

    @Test
    void theVerifierRejectsAMissingTensor() {
        assertThrows(IllegalStateException.class, () -> CrossStepVerifier.verify(
                List.of(request("a", 64, 0)), List.of(List.of()), new CrossStepPlan(Map.of("b", 0L), 64)));
    }

    private static List<List<Integer>> randomSteps(Random random) {
        List<List<Integer>> predecessors = new ArrayList<>();
        int steps = 1 + random.nextInt(25);
        for (int step = 0; step < steps; step++) {
            Set<Integer> before = new HashSet<>();
            for (int i = 0; i < random.nextInt(3) && step > 0; i++) {
                before.add(random.nextInt(step));
            }
            predecessors.add(List.copyOf(before));
        }
        return predecessors;
    }

    private static List<StorageRequest> randomRequests(Random random, List<List<Integer>> predecessors) {
        Precedence precedence = new Precedence(predecessors);
        List<StorageRequest> requests = new ArrayList<>();
        for (int step = 0; step < predecessors.size(); step++) {
            for (int i = 0; i < random.nextInt(3); i++) {
                Set<Integer> consumers = new HashSet<>();
                for (int later = step + 1; later < predecessors.size(); later++) {
                    if (precedence.isBefore(step, later) && random.nextInt(3) == 0) {
                        consumers.add(later);
                    }
                }
                requests.add(new StorageRequest("t" + requests.size(), random.nextInt(1000), step, consumers, random.nextInt(6) == 0));
            }
        }
        return requests;
    }
}
