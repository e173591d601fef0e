package io.parallaxfleet.engine;

import io.parallaxfleet.branch.BranchPlan;
import io.parallaxfleet.branch.Layer;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.memory.CrossStepPlan;
import io.parallaxfleet.memory.MemoryPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A complete plan for one model, bound shapes and policy. Immutable; owns no native memory.
 *
 * @param id hash of model, shapes, execution and placement: equal plans have equal ids
 * @param model model name
 * @param modelHash SHA-256 of the model file
 * @param shapeKey the bound input shapes
 * @param policyEpoch epoch of the thresholds it was made under; 0: built-in
 * @param execution how it runs
 * @param branches the paper's structure: partition verdicts, branches, layers
 * @param threads CPU threads that its steps share
 * @param steps what the executor runs, in topological order
 * @param memory the paper's branch arenas
 * @param crossing places in one arena of the tensors that cross steps, and of large ones inside CPU steps that run exactly
 *     the graph's nodes: what the executor uses
 * @param arenaBytes planned bytes while the plan runs: crossing tensors and the scratch of the steps that may run at once
 * @param handedOn outputs that the next run of the plan reads, as the body of a Loop hands them on; none of them has a place in the arena
 * @param oneSessionArenaBytes planned intermediate bytes if one session ran everything: the baseline of the memory overhead
 */
public record EnginePlan(
        String id,
        String model,
        String modelHash,
        String shapeKey,
        long policyEpoch,
        Execution execution,
        BranchPlan branches,
        int threads,
        List<PlanStep> steps,
        MemoryPlan memory,
        CrossStepPlan crossing,
        Set<String> handedOn,
        long arenaBytes,
        long oneSessionArenaBytes) {
    public EnginePlan {
        steps = List.copyOf(steps);
        handedOn = Set.copyOf(handedOn);
    }

    /** The same plan under thresholds of another epoch. */
    public EnginePlan withEpoch(long epoch) {
        return epoch == policyEpoch
                ? this
                : new EnginePlan(id, model, modelHash, shapeKey, epoch, execution, branches, threads, steps, memory, crossing, handedOn, arenaBytes,
                        oneSessionArenaBytes);
    }

    /** The plan of one session, run by the rewritten model: the same inputs, outputs and steps. */
    EnginePlan rewritten() {
        if (execution != Execution.ONE_SESSION) {
            throw new IllegalStateException("the plan " + id + " is " + execution + "; only one session over the whole model can be rewritten");
        }
        return new EnginePlan(id + "-rewritten", model, modelHash, shapeKey, policyEpoch, Execution.REWRITTEN, branches, threads, steps, memory, crossing,
                handedOn, arenaBytes, oneSessionArenaBytes);
    }

    /** Whether what it places of its own fits one buffer. */
    boolean arenaFits() {
        return crossing.bytes() <= TensorType.MOST_BYTES;
    }

    /** The same steps, each with one thread: what the plan's parallel efficiency is measured against. */
    EnginePlan onOneThread() {
        return new EnginePlan(id, model, modelHash, shapeKey, policyEpoch, execution, branches, 1,
                steps.stream().map(PlanStep::onOneThread).toList(), memory, crossing, handedOn, arenaBytes, oneSessionArenaBytes);
    }

    /** Steps that are one CPU branch each, of layers that have several, by layer of {@link #branches}: they share the plan's threads. */
    public Map<Integer, List<PlanStep>> sideBySide() {
        Map<List<Integer>, Integer> layerOfNodes = new HashMap<>();
        for (Layer layer : branches.layers()) {
            layer.branches().forEach(
                    branch -> layerOfNodes.put(branches.branches().get(branch).nodes().stream().sorted().toList(), layer.index()));
        }
        Map<Integer, List<PlanStep>> found = new TreeMap<>();
        steps.stream()
                // A control-flow operator takes all threads for the plans inside it, also where its layer has others.
                .filter(step -> step.placement() == Placement.CPU && step.controlFlow().isEmpty() && layerOfNodes.containsKey(step.nodes()))
                .forEach(step -> found.computeIfAbsent(layerOfNodes.get(step.nodes()), layer -> new ArrayList<>()).add(step));
        found.values().removeIf(alone -> alone.size() < 2);
        return found;
    }

    /** The steps of sub-graphs with plans of their own, in the order in which a run reports them. */
    public List<BodyBranch> bodyBranches() {
        return BodyBranch.of(this);
    }

    /** Tensors that a step writes to planned places of the arena though they stay inside it. */
    public List<String> placedInside(PlanStep step) {
        Set<String> outputs = Set.copyOf(step.outputs());
        return step.nodes().stream()
                .flatMap(node -> branches.graph().node(node).writes())
                .filter(tensor -> crossing.offsets().containsKey(tensor) && !outputs.contains(tensor))
                .toList();
    }

    /** Types of what is handed on in two places that take turns: sized before the run and written by a step of this plan. */
    Map<String, TensorType> alternating() {
        return alternating(branches.graph(), steps, handedOn);
    }

    static Map<String, TensorType> alternating(ModelGraph graph, List<PlanStep> steps, Set<String> handedOn) {
        Map<String, TensorType> alternating = new HashMap<>();
        for (PlanStep step : steps) {
            // The results of a sub-graph lie where its own plan puts them.
            step.outputs().stream()
                    .filter(output -> step.controlFlow().isEmpty() && handedOn.contains(output))
                    .forEach(output -> graph.type(output).filter(TensorStore::plannable).ifPresent(type -> alternating.put(output, type)));
        }
        return alternating;
    }

    /** Steps planned on the accelerator, those of sub-graphs with plans of their own among them. */
    public long delegatedRegions() {
        long regions = 0;
        for (PlanStep step : steps) {
            regions += step.placement() == Placement.ACCELERATOR ? 1 : 0;
            regions += step.controlFlow().stream()
                    .flatMap(operator -> operator.bodies().values().stream())
                    .mapToLong(EnginePlan::delegatedRegions)
                    .sum();
        }
        return regions;
    }
}
