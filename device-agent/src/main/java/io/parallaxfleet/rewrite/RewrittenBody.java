package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A sub-graph of a control-flow operator that is rewritten. It is rewritten and checked as the model of its own that it is prepared as, since the
 * made-up inputs of the whole model may never lead into it, and put back without what that model had to be given from outside.
 *
 * @param operator the control-flow operator's name
 * @param attribute the attribute that holds the sub-graph
 */
public record RewrittenBody(String operator, String attribute, RewrittenModel model) {
    /** Those of a model's sub-graphs in which rules match and which can be checked: what they read has sizes known beforehand. */
    static List<RewrittenBody> of(PreparedModel outer, OnnxModel read) {
        List<RewrittenBody> found = new ArrayList<>();
        for (int index = 0; index < read.nodes().size(); index++) {
            NodeProto node = read.nodes().get(index);
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasG()) {
                    outer.body(index, attribute.getName()).filter(RewrittenBody::hasKnownInputs).flatMap(RewrittenModel::of)
                            .ifPresent(body -> found.add(new RewrittenBody(node.getName(), attribute.getName(), body)));
                }
            }
        }
        return found;
    }

    private static boolean hasKnownInputs(PreparedModel body) {
        return body.graph().inputs().stream().allMatch(input -> body.graph().type(input).filter(TensorType::isStatic).isPresent());
    }

    /** Puts it in the place of the sub-graph; its file has to be there. */
    void into(GraphEditor outer) {
        NodeProto node = outer.named(operator);
        NodeProto.Builder changed = node.toBuilder().clearAttribute();
        for (AttributeProto held : node.getAttributeList()) {
            changed.addAttribute(held.getName().equals(attribute) ? held.toBuilder().setG(inside(held.getG())).build() : held);
        }
        outer.remove(node);
        outer.add(changed.build());
    }

    /** The rewritten model without the inputs and constants that come from outside here. */
    private GraphProto inside(GraphProto original) {
        GraphProto alone = OnnxModel.parse(model.file()).getGraph();
        Set<String> captured = Captures.ofBody(original);
        GraphProto.Builder inside = alone.toBuilder().setName(original.getName()).clearInput().addAllInput(original.getInputList()).clearInitializer();
        alone.getInitializerList().stream().filter(tensor -> !captured.contains(tensor.getName())).forEach(inside::addInitializer);
        Set<String> own = inside.getInputList().stream().map(input -> input.getName()).collect(Collectors.toSet());
        inside.clearValueInfo();
        alone.getValueInfoList().stream().filter(info -> !captured.contains(info.getName()) && !own.contains(info.getName())).forEach(inside::addValueInfo);
        return inside.build();
    }
}
