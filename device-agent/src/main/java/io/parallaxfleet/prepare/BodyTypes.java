package io.parallaxfleet.prepare;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Types the tensors inside the sub-graphs of control-flow operators, which ONNX Runtime tells to nobody outside: each is opened
 * as a model of its own, with the outer tensors that it reads as inputs. Only estimates depend on it, so a sub-graph that does
 * not open by itself stays untyped.
 */
final class BodyTypes {
    private final OrtEnvironment environment;
    private final ModelProto model;
    private final Path folder;
    private final Path original;

    /** @param model whose operator sets and versions the sub-graphs are opened with */
    BodyTypes(OrtEnvironment environment, ModelProto model, Path folder, Path original) {
        this.environment = environment;
        this.model = model;
        this.folder = folder;
        this.original = original;
    }

    /** Writes what is found into each sub-graph of the graph, those inside sub-graphs among them. */
    void addTo(GraphProto.Builder graph) throws IOException {
        addTo(graph, Map.of(), Map.of());
    }

    private void addTo(GraphProto.Builder graph, Map<String, ValueInfoProto> outerTypes, Map<String, TensorProto> outerConstants)
            throws IOException {
        Map<String, ValueInfoProto> types = new HashMap<>(outerTypes);
        graph.getInputList().forEach(info -> types.put(info.getName(), info));
        graph.getValueInfoList().forEach(info -> types.put(info.getName(), info));
        Map<String, TensorProto> constants = new HashMap<>(outerConstants);
        graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasG()) {
                    infer(attribute.getGBuilder(), types, constants);
                    addTo(attribute.getGBuilder(), types, constants);
                }
            }
        }
    }

    private void infer(GraphProto.Builder body, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants)
            throws IOException {
        if (body.getNodeCount() == 0) {
            return;
        }
        GraphProto.Builder alone = body.build().toBuilder();
        Set<String> inside = new HashSet<>();
        body.getInputList().forEach(info -> inside.add(info.getName()));
        body.getInitializerList().forEach(tensor -> inside.add(tensor.getName()));
        body.getNodeList().forEach(node -> inside.addAll(node.getOutputList()));
        for (String tensor : reads(body)) {
            if (inside.contains(tensor)) {
                continue;
            }
            if (constants.containsKey(tensor)) {
                alone.addInitializer(constants.get(tensor));
            } else if (types.containsKey(tensor)) {
                alone.addInput(types.get(tensor));
            }
        }
        try {
            OnnxModel opened = OnnxModel.of(folder.resolve("body.onnx"), model.toBuilder().setGraph(alone).build());
            body.addAllValueInfo(new TypeInference(environment, opened, folder, original).infer().values());
        } catch (ModelFormatException e) {
            // Inside its operator ONNX Runtime has accepted the sub-graph; by itself it may lack a type.
            body.clearValueInfo();
        }
    }

    /** Every name that a node of the graph or of a graph inside it reads. */
    private static Set<String> reads(GraphProto.Builder graph) {
        Set<String> reads = new HashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            reads.addAll(node.getInputList());
            for (AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasG()) {
                    reads.addAll(reads(attribute.getG().toBuilder()));
                    attribute.getG().getOutputList().forEach(output -> reads.add(output.getName()));
                }
            }
        }
        return reads;
    }
}
