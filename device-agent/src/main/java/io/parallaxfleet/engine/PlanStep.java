package io.parallaxfleet.engine;

import io.parallaxfleet.partition.Region;
import java.util.List;
import java.util.Optional;

/**
 * What the executor runs as one piece and telemetry reports as one branch: a delegated region, a CPU branch, adjacent
 * single-branch layers merged into one CPU segment, or a control-flow operator with the plans of its sub-graphs.
 *
 * @param name stable within the plan
 * @param layer dependency level among the steps
 * @param placement where it is planned to run
 * @param region the delegated region; empty on the CPU
 * @param nodes node indices of the graph, ascending
 * @param inputs tensors that enter, initialisers not among them
 * @param outputs tensors that leave
 * @param macs F
 * @param boundaryBytes B
 * @param arenaBytes planned peak M_i
 * @param predecessors steps it waits for, ascending
 * @param threads CPU threads of its session
 * @param firstThread lowest of them among the threads of the plan, from 0: steps of one layer that run side by side have threads of their own
 * @param controlFlow the operator that the step is, where its sub-graphs run by plans of their own
 * @param reason why it is placed where it is
 */
public record PlanStep(
        String name,
        int layer,
        Placement placement,
        Optional<Region> region,
        List<Integer> nodes,
        List<String> inputs,
        List<String> outputs,
        long macs,
        long boundaryBytes,
        long arenaBytes,
        List<Integer> predecessors,
        int threads,
        int firstThread,
        Optional<ControlFlow> controlFlow,
        String reason) {
    public PlanStep {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        predecessors = List.copyOf(predecessors);
    }

    /** The same step with one thread for its session, and for those of its sub-graphs. */
    PlanStep onOneThread() {
        return new PlanStep(name, layer, placement, region, nodes, inputs, outputs, macs, boundaryBytes, arenaBytes, predecessors, 1, 0,
                controlFlow.map(ControlFlow::onOneThread), reason);
    }
}
