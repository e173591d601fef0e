package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialMemoryTest {
    private static final long PLENTY = 1L << 40;

    @TempDir
    static Path cache;

    private final PreparedModel model = ForkedModel.prepared();
    private final EnginePlan plan = plan(model);

    private static EnginePlan plan(PreparedModel model) {
        return EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Everywhere(), 2);
    }

    private static long weightBytes(PreparedModel model) {
        return model.graph().initializers().values().stream().mapToLong(TensorType::bytes).sum();
    }

    /** The least budget that candidates of the original form fit into. */
    static long needed(PreparedModel model, List<EnginePlan> candidates, boolean shared) {
        long low = 0;
        long high = PLENTY;
        while (high - low > 1) {
            long middle = (low + high) / 2;
            TrialMemory memory = new TrialMemory(model, middle, shared);
            if (candidates.stream().allMatch(candidate -> memory.reserve(candidate, GraphForm.ORIGINAL))) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    private static long needed(PreparedModel model, EnginePlan plan, boolean shared, int candidates) {
        return needed(model, Collections.nCopies(candidates, plan), shared);
    }

    @Test
    void aCandidateTakesItsArenaAndItsWeights() {
        assertTrue(needed(model, plan, true, 1) > plan.arenaBytes() + weightBytes(model));
    }

    @Test
    void aFurtherCandidateTakesNoWeightsAgainWhereTheyAreShared() {
        long further = needed(model, plan, true, 2) - needed(model, plan, true, 1);

        assertEquals(weightBytes(model), needed(model, plan, true, 1) - further);
    }

    @Test
    void andAllOfThemWhereTheyCannotBe() {
        assertEquals(2 * needed(model, plan, false, 1), needed(model, plan, false, 2));
    }

    @Test
    void theRewrittenModelHasWeightsOfItsOwn() {
        TrialMemory memory = new TrialMemory(model, 2 * needed(model, plan, true, 1) - 1, true);

        assertTrue(memory.reserve(plan, GraphForm.ORIGINAL));
        assertFalse(memory.reserve(plan, GraphForm.REWRITTEN));
        assertTrue(memory.reserve(plan, GraphForm.ORIGINAL), "what did not fit took nothing");
    }

    @Test
    void weightsOfConvolutionsAreLaidOutForEverySession() {
        PreparedModel convolutions = ModelPreparation.prepare(ModelCatalogue.resolve("squeezenet1_1", cache), Map.of(), cache);
        EnginePlan one = plan(convolutions);

        assertTrue(needed(convolutions, one, true, 2) > 2 * (weightBytes(convolutions) * 0.99 + one.arenaBytes()));
    }

    @Test
    void rivalsShareWhereThisProcessCan() {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (SharedWeights weights = SharedWeights.open(environment)) {
            long two = needed(model, plan, weights.shares(), 2);

            TrialMemory memory = TrialMemory.ofRivals(model, two, environment);
            assertTrue(memory.reserve(plan, GraphForm.ORIGINAL) && memory.reserve(plan, GraphForm.ORIGINAL));
            TrialMemory less = TrialMemory.ofRivals(model, two - 1, environment);
            assertFalse(less.reserve(plan, GraphForm.ORIGINAL) && less.reserve(plan, GraphForm.ORIGINAL));
        }
    }
}
