package io.parallaxfleet.partition;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.BitSet;

/**
 * Which operators may be in a delegate region at all: those the accelerator supports, without sub-graphs, and with every
 * tensor they read or write of a known shape. A shape that only the run decides would need buffers sized in mid-region.
 */
final class Eligibility {
    private Eligibility() {}

    static BitSet of(ModelGraph graph, OperatorSupport support) {
        BitSet eligible = new BitSet(graph.size());
        for (Node node : graph.nodes()) {
            eligible.set(node.index(), hasStaticDataFlow(graph, node) && support.supports(graph, node));
        }
        return eligible;
    }

    /** Whether the operator holds no sub-graph and all its tensors have a static shape. */
    static boolean hasStaticDataFlow(ModelGraph graph, Node node) {
        return !node.controlFlow()
                && node.reads().allMatch(tensor -> isStatic(graph, tensor))
                && node.writes().allMatch(tensor -> isStatic(graph, tensor));
    }

    private static boolean isStatic(ModelGraph graph, String tensor) {
        return graph.type(tensor).filter(TensorType::isStatic).isPresent();
    }
}
