package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Puts right what ONNX Runtime 1.29 writes for the sub-graphs of an optimised model: it lists their initialisers twice, large
 * ones once inside the file and once outside, keeps the Constant operators that it made initialisers of, and then refuses to read
 * the file.
 */
final class InitializerCleanup {
    private InitializerCleanup() {}

    /** Leaves one entry of each initialiser in the graph and its sub-graphs, the one stored outside the file if there is one. */
    static void clean(GraphProto.Builder graph) {
        removeCopies(graph);
        removeConstantOperators(graph);
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasG()) {
                    clean(attribute.getGBuilder());
                }
                attribute.getGraphsBuilderList().forEach(InitializerCleanup::clean);
            }
        }
    }

    private static void removeConstantOperators(GraphProto.Builder graph) {
        Set<String> initializers = graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
        List<NodeProto> others = graph.getNodeList().stream()
                .filter(node -> !node.getOpType().equals("Constant") || !initializers.containsAll(node.getOutputList()))
                .toList();
        if (others.size() < graph.getNodeCount()) {
            graph.clearNode().addAllNode(others);
        }
    }

    private static void removeCopies(GraphProto.Builder graph) {
        Map<String, TensorProto> kept = new HashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            kept.merge(tensor.getName(), tensor, InitializerCleanup::oneOf);
        }
        if (kept.size() == graph.getInitializerCount()) {
            return;
        }
        List<String> order = graph.getInitializerList().stream().map(TensorProto::getName).distinct().toList();
        graph.clearInitializer();
        order.forEach(name -> graph.addInitializer(kept.get(name)));
    }

    private static TensorProto oneOf(TensorProto first, TensorProto second) {
        boolean sameType = first.getDataType() == second.getDataType() && first.getDimsList().equals(second.getDimsList());
        if (first.equals(second) || sameType && isOutside(first) && !isOutside(second)) {
            return first;
        }
        if (sameType && isOutside(second) && !isOutside(first)) {
            return second;
        }
        throw new ModelFormatException(
                "the optimised graph defines '" + first.getName() + "' twice with different content; report this model");
    }

    private static boolean isOutside(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }
}
