package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.memory.CrossStepVerifier;
import io.parallaxfleet.memory.PlanStorage;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What each rule that can be left out changes in the plan or the budget. */
class EngineRulesTest {
    private static final long GIBIBYTE = 1L << 30;

    private static EnginePlan forked(StorageSharing sharing) {
        return EnginePlanner.plan(ForkedModel.prepared(), OperatorSupport.none(), new DelegationPolicy.Never(), 0,
                new SideBySide.Everywhere(), 2, sharing);
    }

    @Test
    @DisplayName("without sharing across steps the same steps take more memory, and no two of them the same byte")
    void ownStorage() {
        EnginePlan shared = forked(StorageSharing.ACROSS_STEPS);
        EnginePlan apart = forked(StorageSharing.WITHIN_STEPS);

        assertEquals(shared.steps(), apart.steps());
        assertTrue(apart.arenaBytes() > shared.arenaBytes(), apart.arenaBytes() + " and " + shared.arenaBytes());
        assertNotEquals(shared.id(), apart.id());

        List<PlanStorage.Step> steps = EnginePlanner.storageSteps(apart);
        PlanStorage storage =
                PlanStorage.of(apart.branches().graph(), steps, TensorStore::plannable, PlanStorage.MIN_INNER_BYTES);
        CrossStepVerifier.verify(storage.requests(), storage.predecessors(), apart.crossing());
        Map<Long, Integer> stepAt = new HashMap<>();
        storage.requests().forEach(request -> {
            long offset = apart.crossing().offsets().get(request.tensor());
            int step = storage.stepOfMoment().get(request.producerStep());
            for (long at = offset; at < offset + request.bytes(); at += 64) {
                assertEquals(step, stepAt.computeIfAbsent(at, free -> step), "byte " + at);
            }
        });
    }

    @Test
    @DisplayName("without parallelism there is one session, with every layer side by side more steps")
    void oneSession() {
        assertEquals(1, ForkedModel.plan(new SideBySide.Nowhere()).steps().size());
        assertTrue(forked(StorageSharing.ACROSS_STEPS).steps().size() > 1);
    }

    @Test
    @DisplayName("without pruning every candidate region is delegated, whatever it costs")
    void everyCandidate() {
        EnginePlan pruned = delegating(DelegationPolicy.paper());
        EnginePlan everything = delegating(new DelegationPolicy.Everything());

        assertEquals(0, pruned.delegatedRegions());
        assertEquals(everything.branches().partition().verdicts().size(), everything.delegatedRegions());
        assertTrue(everything.delegatedRegions() > 0);
    }

    private static EnginePlan delegating(DelegationPolicy policy) {
        return EnginePlanner.plan(ForkedModel.prepared(), (graph, node) -> true, policy, 0, new SideBySide.Nowhere(), 2);
    }

    @Test
    @DisplayName("unless told otherwise the margin is within what the paper says")
    void defaultMargin() {
        assertTrue(MemoryRules.defaults().margin() >= 0.3 && MemoryRules.defaults().margin() <= 0.5);
    }

    @Test
    @DisplayName("a cap bounds the budget, and does not raise it above what the margin leaves")
    void cap() {
        MemoryRules rules = new MemoryRules(0.5, OptionalLong.empty(), StorageSharing.ACROSS_STEPS);

        assertEquals(GIBIBYTE / 2, rules.budgetBytes(GIBIBYTE));
        assertEquals(1_000, rules.withCap(1_000).budgetBytes(GIBIBYTE));
        assertEquals(GIBIBYTE / 2, rules.withCap(2 * GIBIBYTE).budgetBytes(GIBIBYTE));
        assertEquals(1_000, rules.withCap(1_000).budgetBytes(Long.MAX_VALUE));
    }

    @Test
    @DisplayName("a margin outside its range and a negative cap are refused by name")
    void refused() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> new MemoryRules(1, OptionalLong.empty(), StorageSharing.ACROSS_STEPS)).getMessage().contains("margin"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> MemoryRules.defaults().withCap(-1)).getMessage().contains("capped at -1 bytes"));
    }

    @Test
    @DisplayName("an arena that no buffer holds is refused, and says what to do")
    void tooLargeAnArena() {
        String told = assertThrows(EngineException.class, () -> LoadedPlan.arenaOf(3L << 30)).getMessage();
        assertTrue(told.contains("3221225472 bytes") && told.contains("one session"), told);
    }

    @Test
    @DisplayName("threads beyond any use are refused")
    void tooManyThreads() {
        EngineOptions options = EngineOptions.defaults(Path.of("cache"));
        assertThrows(IllegalArgumentException.class, () -> options.withThreads(0));
        String told = assertThrows(IllegalArgumentException.class, () -> options.withThreads(9_999)).getMessage();
        assertTrue(told.contains("threads is 9999"), told);
    }
}
