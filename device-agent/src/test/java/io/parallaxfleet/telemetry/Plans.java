package io.parallaxfleet.telemetry;

import io.parallaxfleet.engine.BranchRun;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.Fallback;
import io.parallaxfleet.engine.Placement;
import io.parallaxfleet.engine.PlanStep;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.RandomGraphs;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PlanningOnly;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Real plans of small graphs, and runs of them, for tests that need no engine. */
public final class Plans {
    /** Eight operators, a fork and a join; every operator but the third runs on the accelerator. */
    private static final ModelGraph GRAPH = RandomGraphs.ofReads(
            List.of(List.of(), List.of(0), List.of(1), List.of(2), List.of(3), List.of(3), List.of(4, 5), List.of(6)));

    public static final OperatorSupport ALL_BUT_THE_THIRD = (graph, node) -> node.index() != 2;

    /** Delegates everything it is offered. */
    public static final DelegationPolicy EAGER = new DelegationPolicy.Thresholds(1, 0, 1e9);

    private Plans() {}

    public static PreparedModel model(String name) {
        return new PlanningOnly(name, GRAPH);
    }

    public static EnginePlan plan(String model, DelegationPolicy policy, long epoch) {
        return EnginePlanner.plan(model(model), ALL_BUT_THE_THIRD, policy, epoch, Execution.SPLIT, 2);
    }

    /** A run in which step i took i + 1 microseconds, all as planned. */
    public static EngineRun run(EnginePlan plan, long runsOfPlan) {
        List<BranchRun> branches = new ArrayList<>();
        long total = 0;
        for (int i = 0; i < plan.steps().size(); i++) {
            PlanStep step = plan.steps().get(i);
            long latency = (i + 1) * 1000L;
            branches.add(new BranchRun(i, total, latency, step.placement(), Fallback.NONE, step.arenaBytes(), 0));
            total += latency;
        }
        return new EngineRun(plan, Map.of(), total, branches, plan.arenaBytes(), 1L << 30, runsOfPlan);
    }

    /** The same run with one step fallen back. */
    public static EngineRun withFallback(EngineRun run, int step, Fallback fallback) {
        List<BranchRun> branches = new ArrayList<>(run.branches());
        BranchRun planned = branches.get(step);
        branches.set(step, new BranchRun(step, planned.startNanos(), planned.latencyNanos(),
                Placement.CPU, fallback, planned.arenaPeakBytes(), planned.coRunning()));
        return new EngineRun(run.plan(), run.outputs(), run.latencyNanos(), branches, run.arenaPeakBytes(), run.memoryBudgetBytes(),
                run.runsOfPlan());
    }
}
