package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import java.util.List;
import java.util.Map;

/**
 * One inference: its outputs and what it cost. The output tensors belong to the engine and stay valid until the next run of
 * the same plan; copy what must live longer.
 *
 * @param latencyNanos wall time from inputs ready to outputs ready
 * @param branches one entry for each step, in step order
 * @param bodyBranches one entry for each of the plan's {@link EnginePlan#bodyBranches()}; part of the time of the step that holds them
 * @param arenaPeakBytes planned bytes of all arenas at most; what they grew by is told by step
 * @param memoryBudgetBytes M_budget that the scheduler had; {@link Long#MAX_VALUE} where the OS does not say
 * @param runsOfPlan how often this process ran the plan before: small numbers are warm-up
 */
public record EngineRun(
        EnginePlan plan,
        Map<String, OnnxTensor> outputs,
        long latencyNanos,
        List<BranchRun> branches,
        List<BodyBranchRun> bodyBranches,
        long arenaPeakBytes,
        long memoryBudgetBytes,
        long runsOfPlan) {
    public EngineRun {
        branches = List.copyOf(branches);
        bodyBranches = List.copyOf(bodyBranches);
    }

    /** Of a plan whose sub-graphs are not looked into. */
    public EngineRun(
            EnginePlan plan, Map<String, OnnxTensor> outputs, long latencyNanos, List<BranchRun> branches, long arenaPeakBytes,
            long memoryBudgetBytes, long runsOfPlan) {
        this(plan, outputs, latencyNanos, branches, List.of(), arenaPeakBytes, memoryBudgetBytes, runsOfPlan);
    }
}
