package io.parallaxfleet.execute;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.List;

/**
 * Segments that ONNX Runtime can run node by node, exactly as they are in the optimised graph, without losing speed. What it
 * would still change when it opens a segment is the layout of convolutions and poolings, for this machine's vector width; a
 * segment without them has nothing to gain.
 */
public final class ExactSegments {
    private ExactSegments() {}

    /** Whether a segment of these nodes may be opened as it is. Nodes with sub-graphs keep a runtime's freedom inside. */
    public static boolean allows(ModelGraph graph, List<Integer> nodes) {
        return nodes.stream().map(graph::node).noneMatch(ExactSegments::needsRewriting);
    }

    private static boolean needsRewriting(Node node) {
        return node.controlFlow() || node.opType().contains("Conv") || node.opType().contains("Pool");
    }
}
