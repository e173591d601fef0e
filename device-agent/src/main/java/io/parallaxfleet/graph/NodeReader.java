package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns nodes of the file into nodes of the DAG. */
final class NodeReader {
    private final Set<String> outerTensors;

    /** @param outerTensors everything that the top-level graph defines */
    NodeReader(Set<String> outerTensors) {
        this.outerTensors = outerTensors;
    }

    Node read(int index, NodeProto node) {
        // Names that nobody defines are left for ONNX Runtime to refuse, with its own explanation.
        List<String> captured = Captures.of(node).stream()
                .filter(outerTensors::contains)
                .filter(tensor -> !node.getInputList().contains(tensor))
                .toList();
        String domain = node.getDomain().equals("ai.onnx") ? "" : node.getDomain();
        return new Node(
                index,
                node.getName(),
                domain,
                node.getOpType(),
                node.getInputList(),
                node.getOutputList(),
                captured,
                Captures.holdsGraphs(node),
                attributes(node));
    }

    private static Attributes attributes(NodeProto node) {
        Map<String, Attributes.Value> values = new HashMap<>();
        node.getAttributeList().forEach(attribute -> values.put(attribute.getName(), value(attribute)));
        return new Attributes(values);
    }

    private static Attributes.Value value(AttributeProto attribute) {
        return switch (attribute.getType()) {
            case INT -> new Attributes.Value.Integer(attribute.getI());
            case FLOAT -> new Attributes.Value.Real(attribute.getF());
            case STRING -> new Attributes.Value.Text(attribute.getS().toStringUtf8());
            case INTS -> new Attributes.Value.Integers(attribute.getIntsList());
            case FLOATS -> new Attributes.Value.Reals(attribute.getFloatsList());
            case UNDEFINED, TENSOR, GRAPH, STRINGS, TENSORS, GRAPHS, SPARSE_TENSOR, SPARSE_TENSORS, TYPE_PROTO, TYPE_PROTOS ->
                new Attributes.Value.Opaque();
        };
    }
}
