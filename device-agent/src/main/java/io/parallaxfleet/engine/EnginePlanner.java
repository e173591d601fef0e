package io.parallaxfleet.engine;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.BranchPlanner;
import io.parallaxfleet.execute.ExactSegments;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.memory.CrossStepPlan;
import io.parallaxfleet.memory.LivePeak;
import io.parallaxfleet.memory.MemoryOptions;
import io.parallaxfleet.memory.MemoryPlan;
import io.parallaxfleet.memory.MemoryPlanner;
import io.parallaxfleet.memory.OneSessionBaseline;
import io.parallaxfleet.memory.PlanStorage;
import io.parallaxfleet.memory.StorageSharing;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes plans: partition, branches, layers, arenas, steps. Pure: opens no session and touches no device, so that simulated
 * devices plan as real ones do. Thread-safe.
 */
public final class EnginePlanner {
    private EnginePlanner() {}

    /**
     * Plans a model.
     *
     * @param support what the accelerator can run
     * @param cpuExecution how the CPU part runs: ONE_SESSION merges whatever is not delegated, SPLIT runs branches of parallel
     *     layers side by side; HETEROGENEOUS is what a plan with a delegated region becomes and is refused here
     * @param threads CPU threads
     */
    public static EnginePlan plan(
            PreparedModel model,
            OperatorSupport support,
            DelegationPolicy policy,
            long policyEpoch,
            Execution cpuExecution,
            int threads) {
        return switch (cpuExecution) {
            case ONE_SESSION, REWRITTEN -> plan(model, support, policy, policyEpoch, new SideBySide.Nowhere(), threads);
            case SPLIT -> plan(model, support, policy, policyEpoch, new SideBySide.ParallelLayers(), threads);
            case HETEROGENEOUS -> throw new IllegalArgumentException(
                    "cpuExecution is ONE_SESSION or SPLIT; a plan is heterogeneous when it delegates");
        };
    }

    /**
     * Plans a model.
     *
     * @param support what the accelerator can run
     * @param sideBySide layers whose CPU branches run side by side
     * @param threads CPU threads that they share and every other step has
     */
    public static EnginePlan plan(
            PreparedModel model,
            OperatorSupport support,
            DelegationPolicy policy,
            long policyEpoch,
            SideBySide sideBySide,
            int threads) {
        return plan(model, support, policy, policyEpoch, sideBySide, threads, StorageSharing.ACROSS_STEPS);
    }

    /**
     * Plans a model.
     *
     * @param support what the accelerator can run
     * @param sideBySide layers whose CPU branches run side by side
     * @param threads CPU threads that they share and every other step has
     * @param sharing which tensors may take one another's storage
     */
    public static EnginePlan plan(
            PreparedModel model,
            OperatorSupport support,
            DelegationPolicy policy,
            long policyEpoch,
            SideBySide sideBySide,
            int threads,
            StorageSharing sharing) {
        return plan(model, support, policy, policyEpoch, sideBySide, threads, sharing, Set.of());
    }

    /** @param handedOn outputs that the next run of the plan reads */
    private static EnginePlan plan(
            PreparedModel model, OperatorSupport support, DelegationPolicy policy, long policyEpoch, SideBySide sideBySide, int threads,
            StorageSharing sharing, Set<String> handedOn) {
        BranchPlan branches = branches(model, support, policy);
        Map<Integer, ControlFlow> controlFlow = splittable(model.graph())
                ? controlFlow(model, support, policy, policyEpoch, sideBySide, threads, sharing)
                : Map.of();
        boolean cut = !branches.partition().delegated().isEmpty()
                || !(sideBySide instanceof SideBySide.Nowhere) && splittable(model.graph())
                || !controlFlow.isEmpty();
        return plan(model, policyEpoch, branches,
                cut ? StepPlanner.plan(branches, threads, sideBySide, controlFlow) : List.of(), threads, sharing, handedOn);
    }

    /** The operators whose sub-graphs gain by plans of their own, by node. */
    private static Map<Integer, ControlFlow> controlFlow(
            PreparedModel model, OperatorSupport support, DelegationPolicy policy, long policyEpoch, SideBySide sideBySide, int threads,
            StorageSharing sharing) {
        // Exactly these nodes are meant of this graph; a sub-graph numbers its own.
        DelegationPolicy inside = policy instanceof DelegationPolicy.Exactly ? new DelegationPolicy.Never() : policy;
        Map<Integer, ControlFlow> found = new TreeMap<>();
        model.graph().nodes().stream().filter(Node::controlFlow).forEach(node -> ControlFlow
                .of(model, node, (name, body, handedOn) -> plan(
                        body, support, inside, policyEpoch, sideBySide.inBody(name), threads, sharing, handedOn))
                .ifPresent(operator -> found.put(node.index(), operator)));
        return found;
    }

    /** A plan on the CPU in which every layer that could run side by side is one wide step. */
    static EnginePlan planWithLayersAlone(PreparedModel model, int threads) {
        BranchPlan branches = branches(model, OperatorSupport.none(), new DelegationPolicy.Never());
        return plan(model, 0, branches, StepPlanner.planWithLayersAlone(branches, threads), threads, StorageSharing.ACROSS_STEPS, Set.of());
    }

    private static BranchPlan branches(PreparedModel model, OperatorSupport support, DelegationPolicy policy) {
        return BranchPlanner.plan(Partitioner.partition(model.graph(), support, policy), BranchOptions.paper());
    }

    /** @param cutSteps steps of a model that is cut; empty: one session over the whole */
    private static EnginePlan plan(
            PreparedModel model, long policyEpoch, BranchPlan branches, List<PlanStep> cutSteps, int threads,
            StorageSharing sharing, Set<String> handedOn) {
        ModelGraph graph = model.graph();
        MemoryPlan memory = MemoryPlanner.plan(branches, MemoryOptions.defaults());
        long oneSessionBytes = OneSessionBaseline.bytes(graph);
        boolean withBodies = cutSteps.stream().anyMatch(step -> step.controlFlow().isPresent());
        boolean delegates = !branches.partition().delegated().isEmpty()
                || cutSteps.stream().flatMap(step -> step.controlFlow().stream()).anyMatch(ControlFlow::delegates);
        List<PlanStep> steps = delegates || withBodies || cutSteps.size() > 1 ? cutSteps : List.of(wholeModel(graph, threads, oneSessionBytes));
        Execution execution = delegates
                ? Execution.HETEROGENEOUS
                : withBodies || steps.size() > 1 ? Execution.SPLIT : Execution.ONE_SESSION;
        PlanStorage storage = PlanStorage.of(
                graph, storageSteps(graph, steps, execution, handedOn), TensorStore::plannable, PlanStorage.MIN_INNER_BYTES);
        CrossStepPlan crossing = storage.place(sharing);
        long arenaBytes = execution == Execution.ONE_SESSION
                ? oneSessionBytes
                : crossing.bytes() + scratchBytes(graph, steps, crossing.offsets().keySet()) + handedOnBytes(graph, steps, handedOn);
        return new EnginePlan(
                identity(model, execution, steps, sharing),
                model.name(),
                model.modelHash(),
                model.shapeKey(),
                policyEpoch,
                execution,
                branches,
                threads,
                steps,
                memory,
                crossing,
                handedOn,
                arenaBytes,
                oneSessionBytes);
    }

    /** A graph output that no node writes (a constant, or an input passed through) only exists in a session over the whole. */
    private static boolean splittable(ModelGraph graph) {
        return graph.outputs().stream().allMatch(output -> graph.producer(output).isPresent());
    }

    private static PlanStep wholeModel(ModelGraph graph, int threads, long arenaBytes) {
        return new PlanStep("S0", 0, Placement.CPU, Optional.empty(), IntStream.range(0, graph.size()).boxed().toList(),
                graph.inputs(), graph.outputs(), graph.totalMacs(), boundaryBytes(graph), arenaBytes, List.of(), threads, 0,
                Optional.empty(), "one session over the whole model");
    }

    private static long boundaryBytes(ModelGraph graph) {
        long bytes = 0;
        Set<String> boundary = new TreeSet<>(graph.inputs());
        boundary.addAll(graph.outputs());
        for (String tensor : boundary) {
            bytes += graph.type(tensor).filter(TensorType::isStatic).map(TensorType::bytes).orElse(0L);
        }
        return bytes;
    }

    private static long handedOnBytes(ModelGraph graph, List<PlanStep> steps, Set<String> handedOn) {
        return EnginePlan.alternating(graph, steps, handedOn).values().stream().mapToLong(TensorStore::handedOnBytes).sum();
    }

    /** The plan's steps as its memory sees them, for verifying a plan. */
    public static List<PlanStorage.Step> storageSteps(EnginePlan plan) {
        return storageSteps(plan.branches().graph(), plan.steps(), plan.execution(), plan.handedOn());
    }

    private static List<PlanStorage.Step> storageSteps(
            ModelGraph graph, List<PlanStep> steps, Execution execution, Set<String> handedOn) {
        List<PlanStorage.Step> stored = new ArrayList<>();
        for (PlanStep step : steps) {
            boolean open = execution != Execution.ONE_SESSION
                    && step.placement() == Placement.CPU
                    && ExactSegments.allows(graph, step.nodes());
            // The results of a sub-graph lie where its own plan puts them.
            List<String> outputs = step.controlFlow().isPresent() ? List.of() : step.outputs();
            Set<String> elsewhere = outputs.stream().filter(handedOn::contains).collect(Collectors.toSet());
            stored.add(new PlanStorage.Step(step.nodes(), outputs, elsewhere, step.predecessors(), open));
        }
        return stored;
    }

    /** What the steps hold beside the planned arena, in the layer of steps that needs most, all its steps at once. */
    private static long scratchBytes(ModelGraph graph, List<PlanStep> steps, Set<String> placed) {
        Map<Integer, Long> byLayer = new TreeMap<>();
        for (PlanStep step : steps) {
            Set<String> outputs = Set.copyOf(step.outputs());
            long scratch = step.controlFlow().map(ControlFlow::arenaBytes).orElseGet(() -> LivePeak.bytes(
                    graph, step.nodes(), tensor -> !outputs.contains(tensor) && !placed.contains(tensor)));
            byLayer.merge(step.layer(), scratch, Long::sum);
        }
        return byLayer.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private static String identity(PreparedModel model, Execution execution, List<PlanStep> steps, StorageSharing sharing) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            StringBuilder text = new StringBuilder(model.modelHash()).append('|').append(model.shapeKey()).append('|')
                    .append(execution).append('|').append(EngineVersion.CURRENT);
            if (sharing != StorageSharing.ACROSS_STEPS) {
                text.append('|').append(sharing);
            }
            for (PlanStep step : steps) {
                text.append('|').append(step.placement()).append(step.threads()).append(step.nodes());
                step.controlFlow().ifPresent(operator -> operator.bodies().values().forEach(body -> text.append(body.id())));
            }
            byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return model.name() + "-" + HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
