package io.parallaxfleet.graph;

import java.util.List;
import java.util.Map;

/**
 * A graph that a control-flow operator holds, as far as estimates of its operator need it. Planned it is as a model of its own,
 * which is cut out of the file.
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
