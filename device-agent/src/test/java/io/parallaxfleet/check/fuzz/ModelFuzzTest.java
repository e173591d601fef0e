package io.parallaxfleet.check.fuzz;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.branch.BranchVerifier;
import io.parallaxfleet.check.drawing.PlanDrawing;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.opencl.OpenClOperators;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.PartitionVerifier;
import io.parallaxfleet.partition.Partitioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broken models either become a valid plan or are refused as such: no other exception, no hang, no exhausted memory. The system
 * property {@code fuzz.runs} sets how many are tried, {@code fuzz.seed} where the sequence begins.
 */
class ModelFuzzTest {
    private static final int RUNS = Integer.getInteger("fuzz.runs", 3_000);
    private static final long SEED = Long.getLong("fuzz.seed", 1);
    /** Far beyond what any mutant needs, also on a busy machine. */
    private static final int LONGEST_SECONDS = 60;

    @TempDir
    static Path folder;

    @Test
    void everyMutantIsRefusedAsSuchOrPlanned() throws Exception {
        Mutants mutants = new Mutants(folder, SEED, "squeezenet1_1", "synthetic_greedy_loop", "synthetic_early_exit_if");
        ExecutorService worker = Executors.newSingleThreadExecutor();
        int planned = 0;
        try {
            for (int number = 0; number < RUNS; number++) {
                byte[] mutant = mutants.get(number);
                Future<Boolean> outcome = worker.submit(() -> becomesAPlan(mutant));
                try {
                    planned += outcome.get(LONGEST_SECONDS, TimeUnit.SECONDS) ? 1 : 0;
                } catch (Exception e) {
                    throw new AssertionError("mutant " + number + " of seed " + SEED, e);
                }
            }
        } finally {
            worker.shutdownNow();
        }
        System.out.println(RUNS + " mutants of seed " + SEED + ": " + planned + " planned, " + (RUNS - planned) + " refused");
        assertTrue(planned > RUNS / 20 && planned < RUNS, planned + " of " + RUNS + " mutants were planned; a mutator should do both");
    }

    @Test
    void theSeedsThemselvesArePlanned() throws Exception {
        Mutants mutants = new Mutants(folder, SEED, "squeezenet1_1", "synthetic_greedy_loop", "synthetic_early_exit_if");
        for (byte[] seed : mutants.seeds()) {
            assertTrue(becomesAPlan(seed));
        }
    }

    private static boolean becomesAPlan(byte[] model) throws IOException {
        Path file = Files.write(folder.resolve("mutant.onnx"), model);
        try {
            plan(OnnxModel.read(file));
            return true;
        } catch (ModelFormatException e) {
            assertFalse(e.getMessage().isBlank() || e.getMessage().contains("\n"), e.getMessage());
            return false;
        }
    }

    private static void plan(OnnxModel model) {
        Map<String, TensorType> types = new HashMap<>(model.inferredTypes());
        model.inputs().forEach(input -> TensorTypes.of(input).ifPresent(type -> types.put(input.getName(), type)));
        ModelGraph graph = model.graph("mutant", types);
        model.constants();
        OperatorSupport support = (any, node) -> OpenClOperators.refusal(any, node).isEmpty();
        Partition partition = Partitioner.partition(graph, support, new DelegationPolicy.Thresholds(1, 0, 1e9));
        BranchPlan plan = BranchPlanner.plan(partition, BranchOptions.paper());
        assertDoesNotThrow(() -> PartitionVerifier.verify(partition, support));
        assertDoesNotThrow(() -> BranchVerifier.verify(plan, BranchOptions.paper()));
        // Drawing the large ones takes longer than all else.
        assertTrue(graph.size() > 40 || PlanDrawing.svg(plan).endsWith("</svg>\n"));
    }
}
