package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;

/** Says which operators an accelerator can run, given their types and attributes in the graph. */
@FunctionalInterface
public interface OperatorSupport {
    boolean supports(ModelGraph graph, Node node);

    /** No accelerator: nothing is supported. */
    static OperatorSupport none() {
        return (graph, node) -> false;
    }
}
