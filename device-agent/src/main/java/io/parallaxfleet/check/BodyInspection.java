package io.parallaxfleet.check;

import io.parallaxfleet.branch.BranchOptions;
import io.parallaxfleet.engine.ControlFlow;
import io.parallaxfleet.engine.EnginePlanner;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.SideBySide;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.SubGraph;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plans the sub-graphs of control-flow operators as the models that they are. */
final class BodyInspection {
    private static final String OWN_PLAN = "by its own plan, or in one session with the whole: what is measured to be faster";
    private static final String EACH_ITERATION =
            "by its own plan in each iteration, or in ONNX Runtime's own loop: what is measured to be faster";
    private static final String NOTHING_TO_GAIN =
            "in ONNX Runtime, as part of its operator: nothing inside is worth running side by side or delegating";
    private static final String INSIDE = "in ONNX Runtime, as part of its operator";

    /** Enough for anything to run side by side. */
    private static final int PLANNED_THREADS = 2;

    private final OperatorRefusals refusals;
    private final DelegationPolicy policy;
    private final BranchOptions options;
    private final List<ModelReport.Body> found = new ArrayList<>();

    private BodyInspection(OperatorRefusals refusals, DelegationPolicy policy, BranchOptions options) {
        this.refusals = refusals;
        this.policy = policy;
        this.options = options;
    }

    static List<ModelReport.Body> bodies(
            PreparedModel model, OperatorRefusals refusals, DelegationPolicy policy, BranchOptions options) {
        BodyInspection inspection = new BodyInspection(refusals, policy, options);
        inspection.addBodiesOf(model, "", true);
        return inspection.found;
    }

    /** @param planned whether the engine runs this graph by a plan, so that it may run operators in it by one as well */
    private void addBodiesOf(PreparedModel model, String way, boolean planned) {
        for (Node node : model.graph().nodes()) {
            Optional<String> refusal = ControlFlow.refusal(model, node);
            boolean byPlan = planned && refusal.isEmpty();
            String runs = !byPlan ? INSIDE + refusal.map(why -> ": " + why).orElse("") : !gains(model, node) ? NOTHING_TO_GAIN : node.is("If") ? OWN_PLAN : EACH_ITERATION;
            for (SubGraph graph : node.bodies().graphs()) {
                String name = way + node.opType() + " '" + node.name() + "' " + graph.attribute();
                Optional<PreparedModel> body = model.body(node.index(), graph.attribute());
                found.add(body.map(alone -> new ModelInspection(alone.graph(), refusals, options).body(name, runs, policy))
                        .orElseGet(() -> new ModelReport.Body(name, runs, List.of(), List.of(), List.of())));
                body.ifPresent(alone -> addBodiesOf(alone, name + " / ", byPlan));
            }
        }
    }

    /** Whether a sub-graph of the operator has anything to run side by side or to delegate, in itself or in operators inside it. */
    private boolean gains(PreparedModel model, Node node) {
        return ControlFlow.bodiesOf(node).stream()
                .flatMap(attribute -> model.body(node.index(), attribute).stream())
                .anyMatch(this::gains);
    }

    private boolean gains(PreparedModel body) {
        return EnginePlanner.plan(body, ModelInspection.supportOf(refusals), policy, 0, new SideBySide.Everywhere(), PLANNED_THREADS)
                                .execution() != Execution.ONE_SESSION
                || body.graph().nodes().stream().anyMatch(inside -> ControlFlow.isUnderstood(body, inside) && gains(body, inside));
    }
}
