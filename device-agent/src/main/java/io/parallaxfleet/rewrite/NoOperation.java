package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Pad by nothing and a Slice of everything vanish; ONNX Runtime copies the tensor for each. Bit for bit the same. Found where an
 * exporter pads to whole windows and cuts back, and the bound shape needs neither, as in SwinV2.
 */
record NoOperation() implements Rewrite {
    @Override
    public String name() {
        return "no-operation";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto node : graph.nodes()) {
            if (graph.holds(node) && doesNothing(graph, node) && graph.bypass(node)) {
                places.add(node.getName());
            }
        }
        return places;
    }

    private static boolean doesNothing(GraphEditor graph, NodeProto node) {
        return NodeReading.hasOneOutput(node) && node.getInputCount() > 0
                && graph.type(node.getInput(0)).isPresent() && graph.type(node.getInput(0)).equals(graph.type(node.getOutput(0)))
                && (NodeReading.isStandard(node, "Pad") && NodeReading.input(node, 1).filter(pads -> holdsOnly(graph, pads, 0)).isPresent()
                        || NodeReading.isStandard(node, "Slice") && node.getInputCount() >= 3 && stepsAreOne(graph, node));
    }

    /** With steps of 1 a result of the same size begins at the beginning. */
    private static boolean stepsAreOne(GraphEditor graph, NodeProto slice) {
        Optional<String> steps = NodeReading.input(slice, 4);
        return steps.isEmpty() || holdsOnly(graph, steps.get(), 1);
    }

    private static boolean holdsOnly(GraphEditor graph, String tensor, long value) {
        if (!graph.isConstant(tensor) || graph.type(tensor).filter(type -> type.elementType() == ElementType.INT64).isEmpty()) {
            return false;
        }
        ByteBuffer content = graph.content(tensor);
        for (int position = content.position(); position < content.limit(); position += Long.BYTES) {
            if (content.getLong(position) != value) {
                return false;
            }
        }
        return true;
    }
}
