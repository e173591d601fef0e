package io.parallaxfleet.graph;

import java.util.List;
import java.util.Map;

/**
 * A graph that a control-flow operator holds. It is planned and run as part of its operator; what is known of it serves
 * estimates and reports.
 *
 * @param attribute the attribute that holds it: {@code then_branch}, {@code else_branch} or {@code body}
 * @param nodes in topological order
 * @param types types of its own tensors that are known, its initialisers among them
 */
public record SubGraph(String attribute, List<Node> nodes, Map<String, TensorType> types) {
    public SubGraph {
        nodes = List.copyOf(nodes);
        types = Map.copyOf(types);
    }

    /** Operators, those of graphs inside this one among them. */
    public long operators() {
        return nodes.size()
                + nodes.stream().flatMap(node -> node.bodies().graphs().stream()).mapToLong(SubGraph::operators).sum();
    }
}
