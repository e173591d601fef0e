package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Outer tensors that the sub-graphs of control-flow operators read, sub-graphs of sub-graphs among them. ONNX scoping: a name
 * belongs to the innermost graph that defines it.
 */
public final class Captures {
    private Captures() {}

    /** Whether the node holds sub-graphs. */
    static boolean holdsGraphs(NodeProto node) {
        return node.getAttributeList().stream().anyMatch(attribute -> attribute.hasG() || attribute.getGraphsCount() > 0);
    }

    /** Names that the node's sub-graphs read and do not define, in order of first use. */
    public static Set<String> of(NodeProto node) {
        Set<String> captured = new LinkedHashSet<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                captured.addAll(ofBody(attribute.getG()));
            }
            attribute.getGraphsList().forEach(graph -> captured.addAll(ofBody(graph)));
        }
        return captured;
    }

    /** Every distinct name the node reads, explicit or captured. */
    public static Set<String> reads(NodeProto node) {
        Set<String> reads = new LinkedHashSet<>(node.getInputList());
        reads.remove("");
        reads.addAll(of(node));
        return reads;
    }

    /** Names that a graph, with those inside it, reads and does not define, in order of first use. */
    public static Set<String> ofBody(GraphProto graph) {
        Set<String> defined = new HashSet<>();
        graph.getInputList().forEach(input -> defined.add(input.getName()));
        graph.getInitializerList().forEach(tensor -> defined.add(tensor.getName()));
        graph.getSparseInitializerList().forEach(tensor -> defined.add(tensor.getValues().getName()));
        // A body may not shadow an outer name after reading it, so order does not matter.
        graph.getNodeList().forEach(node -> defined.addAll(node.getOutputList()));
        Set<String> free = new LinkedHashSet<>();
        graph.getNodeList().forEach(node -> free.addAll(reads(node)));
        // A body may also hand an outer tensor through as its result.
        graph.getOutputList().stream().map(ValueInfoProto::getName).forEach(free::add);
        free.removeAll(defined);
        return free;
    }
}
