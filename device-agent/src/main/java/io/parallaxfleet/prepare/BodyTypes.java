package io.parallaxfleet.prepare;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Types the tensors inside the sub-graphs of control-flow operators, which ONNX Runtime tells to nobody outside: each is opened
 * as a model of its own, with the outer tensors that it reads as inputs. A sub-graph that does not open by itself stays untyped and
 * runs inside its operator.
 */
final class BodyTypes {
    private final OrtEnvironment environment;
    private final ModelProto model;
    private final Path folder;
    private final Path original;
    /** How often a graph may still be looked at again; deeply nested Loops would ask for very many. */
    private int repeatsLeft = 100;

    /** @param model whose operator sets and versions the sub-graphs are opened with */
    BodyTypes(OrtEnvironment environment, ModelProto model, Path folder, Path original) {
        this.environment = environment;
        this.model = model;
        this.folder = folder;
        this.original = original;
    }

    /**
     * Writes what is found into each sub-graph of the graph, those inside sub-graphs among them, and into the graph what follows from
     * that: ONNX infers no shape for what a Loop ends with, though it is known where every iteration keeps it.
     *
     * @param graph with the types of its own tensors, as far as they were inferred
     */
    void addTo(GraphProto.Builder graph) throws IOException {
        typeBodies(graph, false, Map.of(), Map.of());
    }

    /** @param iterates see {@link #infer} */
    private void typeBodies(
            GraphProto.Builder graph, boolean iterates, Map<String, ValueInfoProto> outerTypes, Map<String, TensorProto> outerConstants)
            throws IOException {
        Map<String, ValueInfoProto> results = results(graph, outerTypes, outerConstants);
        graph.getValueInfoList().stream().filter(info -> TensorTypes.of(info).isPresent()).forEach(info -> results.remove(info.getName()));
        if (results.isEmpty() || repeatsLeft-- <= 0) {
            return;
        }
        List<ValueInfoProto> before = List.copyOf(graph.getValueInfoList());
        if (infer(graph, iterates, outerTypes, outerConstants, results.values())) {
            results(graph, outerTypes, outerConstants);
        } else {
            graph.clearValueInfo().addAllValueInfo(before);
        }
    }

    /** Types the sub-graphs of a graph; answers the types of what its Loops end with. */
    private Map<String, ValueInfoProto> results(
            GraphProto.Builder graph, Map<String, ValueInfoProto> outerTypes, Map<String, TensorProto> outerConstants)
            throws IOException {
        Map<String, ValueInfoProto> types = new HashMap<>(outerTypes);
        graph.getInputList().forEach(info -> types.put(info.getName(), info));
        graph.getValueInfoList().forEach(info -> types.put(info.getName(), info));
        Map<String, TensorProto> constants = new HashMap<>(outerConstants);
        graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
        Map<String, ValueInfoProto> results = new HashMap<>();
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasG()) {
                    inferIn(node.build(), attribute.getGBuilder(), types, constants)
                            .ifPresent(iterations -> iterations.results(node.build()).forEach(info -> results.put(info.getName(), info)));
                }
            }
        }
        return results;
    }

    /** Answers what iterates in the body, where something does and its types are found. */
    private Optional<IterationTypes> inferIn(
            NodeProto node, GraphProto.Builder body, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants)
            throws IOException {
        GraphProto stated = body.build();
        Optional<IterationTypes> iterations = IterationTypes.assume(node, body, name -> typeOf(name, types, constants));
        boolean inferred = inferAll(body, iterations.isPresent(), types, constants);
        while (inferred && iterations.isPresent() && iterations.get().widen(name -> typeInside(name, body, types, constants))) {
            inferred = repeatsLeft-- > 0 && inferAll(body, true, types, constants);
        }
        if (!inferred) {
            // Inside its operator ONNX Runtime has accepted the sub-graph; by itself it may lack a type.
            body.clear().mergeFrom(stated).clearValueInfo();
            return Optional.empty();
        }
        return iterations;
    }

    private boolean inferAll(
            GraphProto.Builder body, boolean iterates, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants)
            throws IOException {
        boolean inferred = infer(body, iterates, types, constants, List.of());
        if (inferred) {
            typeBodies(body, iterates, types, constants);
        }
        return inferred;
    }

    private static Optional<TensorType> typeOf(
            String name, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants) {
        return constants.containsKey(name) ? TensorTypes.of(constants.get(name)) : Optional.ofNullable(types.get(name)).flatMap(TensorTypes::of);
    }

    private static Optional<TensorType> typeInside(
            String name, GraphProto.Builder body, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants) {
        Map<String, ValueInfoProto> inside = new HashMap<>(types);
        Map<String, TensorProto> constantsInside = new HashMap<>(constants);
        // Names of the body hide those around it.
        for (List<ValueInfoProto> infos : List.of(body.getInputList(), body.getValueInfoList())) {
            infos.forEach(info -> {
                inside.put(info.getName(), info);
                constantsInside.remove(info.getName());
            });
        }
        body.getInitializerList().forEach(tensor -> constantsInside.put(tensor.getName(), tensor));
        body.getNodeList().stream().flatMap(node -> node.getOutputList().stream())
                .filter(output -> body.getValueInfoList().stream().noneMatch(info -> info.getName().equals(output)))
                .forEach(inside::remove);
        return typeOf(name, inside, constantsInside);
    }

    /**
     * @param iterates whether what the file says of the body's outputs is left aside: it may hold for the first iteration only
     * @param known types that inference does not find by itself
     * @return whether the body opens as a model of its own
     */
    private boolean infer(
            GraphProto.Builder body, boolean iterates, Map<String, ValueInfoProto> types, Map<String, TensorProto> constants,
            Collection<ValueInfoProto> known)
            throws IOException {
        body.clearValueInfo();
        if (body.getNodeCount() == 0) {
            return true;
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
        alone.addAllValueInfo(known);
        if (iterates) {
            alone.getOutputBuilderList().forEach(ValueInfoProto.Builder::clearType);
        }
        try {
            OnnxModel opened = OnnxModel.of(folder.resolve("body.onnx"), model.toBuilder().setGraph(alone).build());
            body.addAllValueInfo(new TypeInference(environment, opened, folder, original).infer().values());
            return true;
        } catch (ModelFormatException e) {
            return false;
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
