package io.parallaxfleet.memory;

import io.parallaxfleet.graph.Node;
import java.util.Set;

/** Operators whose first output is their first input under another shape: ONNX Runtime lets both share one buffer. */
final class ViewOperators {
    private static final Set<String> TYPES = Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout");

    private ViewOperators() {}

    static boolean isView(Node node) {
        return node.domain().isEmpty() && TYPES.contains(node.opType());
    }

    /** Whether the node's first output is a view of this tensor. */
    static boolean isViewOf(Node node, String tensor) {
        return isView(node) && !node.inputs().isEmpty() && node.inputs().get(0).equals(tensor) && !node.outputs().isEmpty();
    }
}
