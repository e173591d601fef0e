package io.parallaxfleet.prepare;

import io.parallaxfleet.cache.CachedDirectory;
import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes models of their own out of the sub-graphs of an optimised model. Thread-safe. */
final class PreparedBodies {
    private final String name;
    private final OnnxModel model;
    private final ModelGraph graph;
    private final Map<String, Optional<PreparedModel>> made = new ConcurrentHashMap<>();

    PreparedBodies(String name, OnnxModel model, ModelGraph graph) {
        this.name = name;
        this.model = model;
        this.graph = graph;
    }

    /** See {@link PreparedModel#body}. */
    Optional<PreparedModel> body(int node, String attribute) {
        return made.computeIfAbsent(node + "/" + attribute, key -> make(node, attribute));
    }

    private Optional<PreparedModel> make(int node, String attribute) {
        return model.nodes().get(node).getAttributeList().stream()
                .filter(held -> held.getName().equals(attribute) && held.hasG())
                .findFirst()
                .flatMap(held -> standAlone(held.getG()))
                .flatMap(body -> open(node, attribute, body));
    }

    /** The sub-graph with what it reads from outside as inputs and initialisers; empty where a type is not known. */
    private Optional<GraphProto> standAlone(GraphProto body) {
        GraphProto.Builder alone = body.toBuilder();
        for (String tensor : Captures.ofBody(body)) {
            if (graph.isInitializer(tensor)) {
                alone.addInitializer(model.initializers().get(tensor));
            } else if (graph.type(tensor).isPresent()) {
                alone.addInput(TensorTypes.info(tensor, graph.type(tensor).get()));
            } else {
                return Optional.empty();
            }
        }
        nameOutputs(alone);
        return Optional.of(alone.build());
    }

    /**
     * An output that no node writes (a constant, or the same tensor a second time) is copied by one, so that every output is a
     * tensor of a segment. Types come from what was inferred: what the file states of outputs may name dimensions that are bound
     * by now.
     */
    private static void nameOutputs(GraphProto.Builder body) {
        Map<String, ValueInfoProto> types = new HashMap<>();
        body.getInputList().forEach(info -> types.put(info.getName(), info));
        body.getInitializerList().forEach(tensor -> TensorTypes.of(tensor)
                .ifPresent(type -> types.put(tensor.getName(), TensorTypes.info(tensor.getName(), type))));
        body.getValueInfoList().forEach(info -> types.put(info.getName(), info));
        Set<String> writable = new HashSet<>();
        body.getNodeList().forEach(node -> writable.addAll(node.getOutputList()));
        List<ValueInfoProto> outputs = body.getOutputList();
        body.clearOutput();
        for (int position = 0; position < outputs.size(); position++) {
            String tensor = outputs.get(position).getName();
            ValueInfoProto type = types.getOrDefault(tensor, ValueInfoProto.newBuilder().setName(tensor).build());
            // A tensor is an output once; asked for again it is copied.
            if (!writable.remove(tensor)) {
                String copy = tensor + "/output-" + position;
                body.addNode(NodeProto.newBuilder().setOpType("Identity").setName(copy).addInput(tensor).addOutput(copy));
                type = type.toBuilder().setName(copy).build();
                if (TensorTypes.of(type).isPresent()) {
                    body.addValueInfo(type);
                }
            }
            body.addOutput(type);
        }
    }

    private Optional<PreparedModel> open(int node, String attribute, GraphProto body) {
        String key = model.path().getFileName() + "\n" + node + "\n" + attribute;
        Path file = model.path().resolveSibling("body-" + ModelPreparation.shortHash(key) + ".onnx");
        try {
            CachedDirectory.writeOnce(file, model.proto().toBuilder().setGraph(body).build()::writeTo);
            OnnxModel opened = OnnxModel.read(file);
            Map<String, TensorType> types = new HashMap<>(opened.inferredTypes());
            opened.inputs().forEach(info -> TensorTypes.of(info).ifPresent(type -> types.put(info.getName(), type)));
            String bodyName = name + "/" + graph.node(node).name() + "." + attribute;
            ModelGraph bodyGraph = opened.graph(bodyName, types);
            return Optional.of(new OptimizedModel(
                    bodyName,
                    ModelPreparation.hash(file),
                    InputShapes.key(bodyGraph),
                    file,
                    Map.of(),
                    bodyGraph,
                    file,
                    opened.constants(),
                    new SegmentCutter(opened, bodyGraph),
                    new PreparedBodies(bodyName, opened, bodyGraph)));
        } catch (ModelFormatException e) {
            // ONNX Runtime has accepted the sub-graph inside its operator; what it lacks to stand alone is not the user's affair.
            return Optional.empty();
        }
    }
}
