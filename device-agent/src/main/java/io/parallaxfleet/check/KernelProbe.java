package io.parallaxfleet.check;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds every operator of a model that ONNX Runtime cannot run on the CPU, where its own message stops at the first: each kind of
 * operator is opened as a model of one node, with input types as far as the file states them.
 */
final class KernelProbe {
    private final OnnxModel model;
    private final Map<String, ValueInfoProto> types = new HashMap<>();
    private final Map<String, List<String>> missing = new LinkedHashMap<>();
    private final Map<String, String> reasons = new HashMap<>();
    private final Map<String, Optional<String>> answers = new HashMap<>();

    private KernelProbe(OnnxModel model) {
        this.model = model;
        learnTypes(model.proto().getGraph());
    }

    /** One finding for each operator type that has no kernel anywhere. */
    static List<Finding> missingKernels(OnnxModel model) {
        KernelProbe probe = new KernelProbe(model);
        probe.ask(model.proto().getGraph());
        List<Finding> findings = new ArrayList<>();
        probe.missing.forEach((operator, nodes) -> findings.add(new Finding(Finding.Kind.NO_KERNEL, operator,
                nodes.size() + (nodes.size() == 1 ? " operator: " : " operators: ") + probe.reasons.get(operator),
                "no engine here can run it: replace it in the model, or export with standard operators and float tensors", nodes)));
        return findings;
    }

    private void learnTypes(GraphProto graph) {
        for (List<ValueInfoProto> stated : List.of(graph.getInputList(), graph.getValueInfoList(), graph.getOutputList())) {
            stated.stream().filter(ValueInfoProto::hasType).forEach(info -> types.put(info.getName(), info));
        }
        for (TensorProto tensor : graph.getInitializerList()) {
            TensorTypes.of(tensor).ifPresent(type -> types.put(tensor.getName(), TensorTypes.info(tensor.getName(), type)));
        }
        subGraphs(graph).forEach(this::learnTypes);
    }

    private static List<GraphProto> subGraphs(GraphProto graph) {
        return graph.getNodeList().stream().flatMap(node -> node.getAttributeList().stream()).filter(AttributeProto::hasG)
                .map(AttributeProto::getG).toList();
    }

    private void ask(GraphProto graph) {
        for (NodeProto node : graph.getNodeList()) {
            // An operator with sub-graphs is always known; what is in them is asked by itself.
            if (node.getAttributeList().stream().noneMatch(AttributeProto::hasG)) {
                ask(node);
            }
        }
        subGraphs(graph).forEach(this::ask);
    }

    private void ask(NodeProto node) {
        GraphProto.Builder alone = GraphProto.newBuilder().setName("probe").addNode(node);
        StringBuilder kind = new StringBuilder(node.getDomain()).append(':').append(node.getOpType());
        Set<String> inputs = new HashSet<>();
        for (String input : node.getInputList()) {
            ValueInfoProto info = types.get(input);
            kind.append(',').append(info == null ? "?" : info.getType().getTensorType().getElemType());
            if (!input.isEmpty() && inputs.add(input)) {
                // Whether an operator is known at all does not depend on the type, so any will do where none is stated.
                alone.addInput(info == null ? TensorTypes.info(input, TensorType.of(ElementType.FLOAT)) : info);
            }
        }
        node.getOutputList().stream().filter(output -> !output.isEmpty()).forEach(output -> alone.addOutputBuilder().setName(output));
        Optional<String> refusal = answers.computeIfAbsent(kind.toString(), key -> refusal(alone.build(), types.keySet().containsAll(inputs)));
        if (refusal.isPresent()) {
            String operator = node.getDomain().isEmpty() ? node.getOpType() : node.getDomain() + "." + node.getOpType();
            missing.computeIfAbsent(operator, key -> new ArrayList<>()).add(node.getName());
            reasons.put(operator, refusal.get());
        }
    }

    private Optional<String> refusal(GraphProto graph, boolean typed) {
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(SessionOptions.OptLevel.NO_OPT);
            byte[] file = model.proto().toBuilder().setGraph(graph).build().toByteArray();
            try (OrtSession session = OrtEnvironment.getEnvironment().createSession(file, options)) {
                return session.getNumOutputs() > 0 ? Optional.empty() : Optional.of("it gives no output");
            }
        } catch (OrtException e) {
            String said = e.getMessage();
            if (said.contains("No Op registered") || said.contains("is not a registered function/op")) {
                return Optional.of("ONNX Runtime does not know it");
            }
            // Everything else, a missing type for instance, only says that the operator cannot be asked by itself.
            return typed && said.contains("Could not find an implementation")
                    ? Optional.of("ONNX Runtime has no CPU kernel for its types")
                    : Optional.empty();
        }
    }
}
