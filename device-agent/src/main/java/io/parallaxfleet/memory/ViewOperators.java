package io.parallaxfleet.memory;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.Set;

/** Operators whose first output is their first input under another shape: ONNX Runtime lets both share one buffer. */
final class ViewOperators {
    private static final Set<String> TYPES = Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout");

    private ViewOperators() {}

    static boolean isView(Node node) {
        return node.domain().isEmpty() && TYPES.contains(node.opType());
    }

    /** The last of the nodes that read a tensor, also through views of it; -1 where nobody does. */
    static int lastReader(ModelGraph graph, String tensor) {
        int last = -1;
        for (int reader : graph.consumers(tensor)) {
            last = Math.max(last, reader);
            if (isViewOf(graph.node(reader), tensor)) {
                last = Math.max(last, lastReader(graph, graph.node(reader).outputs().get(0)));
            }
        }
        return last;
    }

    /** Whether the node's first output is a view of this tensor. */
    static boolean isViewOf(Node node, String tensor) {
        return isView(node) && !node.inputs().isEmpty() && node.inputs().get(0).equals(tensor) && !node.outputs().isEmpty();
    }
}
