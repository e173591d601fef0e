package io.parallaxfleet.check;

import io.parallaxfleet.branch.BranchOptions;
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
    private static final String INSIDE = "in ONNX Runtime, as part of its operator";

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

    /** @param planned whether the engine runs this graph by a plan, so that it may run an If in it by one as well */
    private void addBodiesOf(PreparedModel model, String way, boolean planned) {
        for (Node node : model.graph().nodes()) {
            for (SubGraph graph : node.bodies().graphs()) {
                String name = way + node.opType() + " '" + node.name() + "' " + graph.attribute();
                Optional<PreparedModel> body = model.body(node.index(), graph.attribute());
                boolean byPlan = planned && node.is("If") && body.isPresent();
                found.add(new ModelReport.Body(name, byPlan ? OWN_PLAN : INSIDE, body
                        .map(alone -> new ModelInspection(alone.graph(), refusals, options).structures(policy))
                        .orElse(List.of())));
                body.ifPresent(alone -> addBodiesOf(alone, name + " / ", byPlan));
            }
        }
    }
}
