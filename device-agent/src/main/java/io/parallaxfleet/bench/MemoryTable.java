package io.parallaxfleet.bench;

import io.parallaxfleet.branch.Branch;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.SideBySide;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.memory.CrossStepMemory;
import io.parallaxfleet.memory.CrossStepPlan;
import io.parallaxfleet.memory.CrossStepVerifier;
import io.parallaxfleet.memory.MemoryOptions;
import io.parallaxfleet.memory.MemoryPlan;
import io.parallaxfleet.memory.MemoryPlanner;
import io.parallaxfleet.memory.MemoryVerifier;
import io.parallaxfleet.memory.PlanStorage;
import io.parallaxfleet.memory.PlanStorageVerifier;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** Bytes of intermediate tensors of one model under different rules, as in the paper's Table 5. Every plan is verified. */
public final class MemoryTable {
    private static final double MEGABYTE = 1e6;

    private final List<Row> rows = new ArrayList<>();

    /**
     * One model. All figures are planned bytes but the last two, which ONNX Runtime measured.
     *
     * @param steps steps of the engine's plan with its CPU part split
     * @param naive one buffer for each tensor
     * @param ownArenas the paper's rule without its cross-arena sharing: an arena for each branch
     * @param branchArenas the paper's rule: an arena for each branch, shared between branches that never run together
     * @param wholePlan all tensors in one arena, every branch free to run beside every other it does not depend on
     * @param engineUnshared the engine's plan without sharing across steps
     * @param engine the engine's plan: its arena and what is left to ONNX Runtime inside steps
     * @param oneSession one session, operator after operator
     * @param ort what plain ONNX Runtime took; empty for models with sub-graphs, of which its profiler does not see the inside
     */
    public record Row(String model, int steps, long naive, long ownArenas, long branchArenas, long wholePlan, long engineUnshared,
            long engine, long oneSession, Optional<OrtArenaProbe> ort) {}

    /** Plans the model in every way, verifies each plan, and measures plain ONNX Runtime. */
    public static Row row(PreparedModel model, int threads) {
        ModelGraph graph = model.graph();
        EnginePlan plan = plan(model, threads, StorageSharing.ACROSS_STEPS);
        MemoryOptions withoutSharing = new MemoryOptions(false, false);
        MemoryPlan own = MemoryPlanner.plan(plan.branches(), withoutSharing);
        MemoryVerifier.verify(plan.branches(), own, withoutSharing);
        return new Row(model.name(), plan.steps().size(), plan.memory().naiveBytes(), own.totalBytes(), plan.memory().totalBytes(),
                wholePlan(graph, plan.branches().branches()).bytes(), plan(model, threads, StorageSharing.WITHIN_STEPS).arenaBytes(),
                plan.arenaBytes(), plan.oneSessionArenaBytes(),
                graph.nodes().stream().anyMatch(Node::controlFlow) ? Optional.empty() : Optional.of(OrtArenaProbe.measure(model)));
    }

    /** The engine's plan, split where the paper's rule lets it be, and verified. */
    private static EnginePlan plan(PreparedModel model, int threads, StorageSharing sharing) {
        EnginePlan plan = EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0,
                new SideBySide.ParallelLayers(), threads, sharing);
        MemoryVerifier.verify(plan.branches(), plan.memory());
        PlanStorageVerifier.verify(model.graph(), EnginePlanner.storageSteps(plan),
                TensorStore::plannable, plan.crossing());
        return plan;
    }

    private static CrossStepPlan wholePlan(ModelGraph graph, List<Branch> branches) {
        List<PlanStorage.Step> steps = new ArrayList<>();
        for (Branch branch : branches) {
            List<Integer> nodes = branch.nodes().stream().sorted().toList();
            List<String> outputs = nodes.stream()
                    .flatMap(node -> graph.node(node).writes())
                    .filter(tensor -> graph.outputs().contains(tensor)
                            || graph.consumers(tensor).stream().anyMatch(reader -> !branch.nodes().contains(reader)))
                    .toList();
            steps.add(new PlanStorage.Step(nodes, outputs, branch.predecessors(), true));
        }
        PlanStorage storage = PlanStorage.of(graph, steps, TensorStore::plannable, 1);
        CrossStepPlan plan = CrossStepMemory.plan(storage.requests(), storage.predecessors());
        CrossStepVerifier.verify(storage.requests(), storage.predecessors(), plan);
        PlanStorageVerifier.verify(graph, steps, TensorStore::plannable, plan);
        return plan;
    }

    void add(Row row) {
        rows.add(row);
    }

    /** The rows so far with geometric means of their ratios to what plain ONNX Runtime had in use. */
    String text(boolean markdown) {
        StringBuilder text = new StringBuilder();
        line(text, markdown, "model", "steps", "naive", "own arenas", "branch arenas", "whole plan", "engine unshared", "engine", "one session", "ORT in use", "ORT held");
        if (markdown) {
            text.append("|---".repeat(11)).append("|\n");
        }
        for (Row row : rows) {
            line(text, markdown, row.model(), Integer.toString(row.steps()), megabytes(row.naive()), megabytes(row.ownArenas()),
                    megabytes(row.branchArenas()), megabytes(row.wholePlan()), megabytes(row.engineUnshared()), megabytes(row.engine()), megabytes(row.oneSession()),
                    row.ort().map(measured -> megabytes(measured.inUseBytes())).orElse(""),
                    row.ort().map(measured -> megabytes(measured.heldBytes())).orElse(""));
        }
        line(text, markdown, "geometric mean, x ORT in use", "", mean(Row::naive), mean(Row::ownArenas), mean(Row::branchArenas),
                mean(Row::wholePlan), mean(Row::engineUnshared), mean(Row::engine), mean(Row::oneSession), "1.00", mean(row -> row.ort().orElseThrow().heldBytes()));
        return text.toString();
    }

    private String mean(ToLongFunction<Row> figure) {
        double[] logarithms = rows.stream()
                .filter(row -> row.ort().isPresent())
                .mapToDouble(row -> Math.log((double) figure.applyAsLong(row) / row.ort().get().inUseBytes()))
                .toArray();
        double sum = 0;
        for (double logarithm : logarithms) {
            sum += logarithm;
        }
        return logarithms.length == 0 ? "" : String.format(Locale.ROOT, "%.2f", Math.exp(sum / logarithms.length));
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.2f", bytes / MEGABYTE);
    }

    private static void line(StringBuilder text, boolean markdown, String first, String... others) {
        if (markdown) {
            text.append("| ").append(first).append(" | ").append(String.join(" | ", others)).append(" |\n");
            return;
        }
        text.append(String.format(Locale.ROOT, "%-31s", first));
        for (String other : others) {
            text.append(String.format(Locale.ROOT, " %15s", other));
        }
        text.append('\n');
    }
}
