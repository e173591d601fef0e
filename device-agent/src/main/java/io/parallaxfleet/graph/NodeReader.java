package io.parallaxfleet.graph;

import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Turns nodes of the file into nodes of the DAG, with the sub-graphs they hold. */
final class NodeReader {
    /** Exporters write the largest number there is where a Loop has no bound; nothing near it is a trip count. */
    private static final long MOST_TRIPS = 1_000_000;

    private final Set<String> outerTensors;
    private final Map<String, TensorProto> constants;

    /**
     * @param outerTensors everything that the graph of the nodes and those around it define
     * @param constants the initialisers among them
     */
    NodeReader(Set<String> outerTensors, Map<String, TensorProto> constants) {
        this.outerTensors = outerTensors;
        this.constants = constants;
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
                attributes(node),
                bodies(node));
    }

    private Bodies bodies(NodeProto node) {
        if (!Captures.holdsGraphs(node)) {
            return Bodies.NONE;
        }
        List<SubGraph> graphs = new ArrayList<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                graphs.add(subGraph(attribute.getName(), attribute.getG()));
            }
            attribute.getGraphsList().forEach(graph -> graphs.add(subGraph(attribute.getName(), graph)));
        }
        return new Bodies(graphs, node.getOpType().equals("Loop") ? trips(node) : OptionalLong.empty());
    }

    private SubGraph subGraph(String attribute, GraphProto graph) {
        Map<String, TensorProto> constantsInside = new HashMap<>(constants);
        Map<String, TensorType> types = new HashMap<>();
        for (List<ValueInfoProto> stated : List.of(graph.getInputList(), graph.getValueInfoList(), graph.getOutputList())) {
            stated.forEach(info -> TensorTypes.of(info).ifPresent(type -> types.put(info.getName(), type)));
        }
        for (TensorProto tensor : graph.getInitializerList()) {
            constantsInside.put(tensor.getName(), tensor);
            TensorTypes.of(tensor).ifPresent(type -> types.put(tensor.getName(), type));
        }
        Set<String> tensorsInside = new HashSet<>(outerTensors);
        tensorsInside.addAll(types.keySet());
        graph.getNodeList().forEach(node -> tensorsInside.addAll(node.getOutputList()));
        NodeReader inside = new NodeReader(tensorsInside, constantsInside);
        List<Node> nodes = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            String name = node.getName().isEmpty() ? node.getOpType() + "_" + nodes.size() : node.getName();
            nodes.add(inside.read(nodes.size(), node.toBuilder().setName(name).build()));
        }
        return new SubGraph(attribute, nodes, types);
    }

    private OptionalLong trips(NodeProto loop) {
        TensorProto most = loop.getInputCount() == 0 ? null : constants.get(loop.getInput(0));
        if (most == null || most.getDataType() != ElementType.INT64.onnxCode()) {
            return OptionalLong.empty();
        }
        long trips = -1;
        if (most.getInt64DataCount() == 1) {
            trips = most.getInt64Data(0);
        } else if (most.getRawData().size() == Long.BYTES) {
            trips = most.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
        return trips >= 0 && trips <= MOST_TRIPS ? OptionalLong.of(trips) : OptionalLong.empty();
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
