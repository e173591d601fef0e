package io.parallaxfleet.prepare;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorShapeProto;
import io.parallaxfleet.graph.proto.TypeProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks ONNX Runtime for the type of every tensor: the graph is opened, not optimised, with all of them declared as outputs.
 */
final class TypeInference {
    private static final String PROBE_FILE = "types.onnx";
    private static final String RUNTIME_TYPE_PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";
    private static final String RANK_SUFFIX = "::rank";

    private final OrtEnvironment environment;
    private final OnnxModel model;
    private final Path folder;
    private final Path original;

    /**
     * @param folder where the model's weights lie
     * @param original the file to name in messages
     */
    TypeInference(OrtEnvironment environment, OnnxModel model, Path folder, Path original) {
        this.environment = environment;
        this.model = model;
        this.folder = folder;
        this.original = original;
    }

    /**
     * Types of all tensors that nodes write, dense ones with elements of a fixed size. Dimensions that only the run decides have no value; a
     * tensor whose rank only the run decides has an element type and no shape.
     */
    Map<String, ValueInfoProto> infer() throws IOException {
        Collection<String> written = model.nodes().stream()
                .flatMap(node -> node.getOutputList().stream())
                .filter(tensor -> !tensor.isEmpty())
                .toList();
        Map<String, TensorInfo> found = probe(List.of(), written);
        List<String> withoutDimensions = written.stream()
                .filter(tensor -> found.containsKey(tensor) && found.get(tensor).getShape().length == 0)
                .toList();
        Map<String, TensorInfo> ranks = withoutDimensions.isEmpty() ? Map.of() : ranks(withoutDimensions);
        Map<String, ValueInfoProto> types = new LinkedHashMap<>();
        for (String tensor : written) {
            TensorInfo info = found.get(tensor);
            if (info != null && elementType(info.onnxType).isPresent()) {
                TensorInfo rank = ranks.get(tensor + RANK_SUFFIX);
                types.put(tensor, describe(tensor, info, rank == null || rank.getShape()[0] >= 0));
            }
        }
        // Where inference does not even know the rank, what the exporter declared of an output is better than nothing.
        for (ValueInfoProto output : model.outputs()) {
            types.computeIfPresent(
                    output.getName(), (tensor, inferred) -> TensorTypes.of(inferred).isPresent() ? inferred : declared(output, inferred));
        }
        return types;
    }

    /**
     * No dimensions may mean a scalar or an unknown rank. The output of a Shape operator tells them apart: it has as many
     * elements as its input has dimensions, so its own shape is [0] for a scalar and open for an unknown rank.
     */
    private Map<String, TensorInfo> ranks(List<String> tensors) throws IOException {
        List<NodeProto> shapes = new ArrayList<>();
        for (String tensor : tensors) {
            shapes.add(NodeProto.newBuilder()
                    .setOpType("Shape")
                    .setName(tensor + RANK_SUFFIX)
                    .addInput(tensor)
                    .addOutput(tensor + RANK_SUFFIX)
                    .build());
        }
        return probe(shapes, tensors.stream().map(tensor -> tensor + RANK_SUFFIX).toList());
    }

    private Map<String, TensorInfo> probe(List<NodeProto> additions, Collection<String> outputs) throws IOException {
        GraphProto.Builder graph = model.proto().getGraph().toBuilder().clearNode().addAllNode(model.nodes()).addAllNode(additions);
        List<String> handedThrough = model.outputs().stream()
                .map(ValueInfoProto::getName)
                .filter(output -> !outputs.contains(output))
                .toList();
        // A type may be left out, and has to be: what the file states about outputs may name dimensions that are bound by now.
        graph.clearOutput();
        outputs.forEach(tensor -> graph.addOutputBuilder().setName(tensor));
        handedThrough.forEach(tensor -> graph.addOutputBuilder().setName(tensor));
        Path file = folder.resolve(PROBE_FILE);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            model.proto().toBuilder().setGraph(graph).build().writeTo(out);
        }
        Map<String, TensorInfo> found = new LinkedHashMap<>();
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(SessionOptions.OptLevel.NO_OPT);
            options.addConfigEntry("session.disable_prepacking", "1");
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
                    if (output.getValue().getInfo() instanceof TensorInfo info) {
                        found.put(output.getKey(), info);
                    }
                }
            }
        } catch (OrtException e) {
            throw RuntimeErrors.explain(original, e);
        } finally {
            Files.delete(file);
        }
        return found;
    }

    private static ValueInfoProto describe(String tensor, TensorInfo info, boolean rankKnown) {
        TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(elementType(info.onnxType).orElseThrow().onnxCode());
        if (rankKnown) {
            TensorShapeProto.Builder shape = type.getShapeBuilder();
            for (long dimension : info.getShape()) {
                TensorShapeProto.Dimension.Builder entry = shape.addDimBuilder();
                if (dimension >= 0) {
                    entry.setDimValue(dimension);
                }
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(tensor)
                .setType(TypeProto.newBuilder().setTensorType(type))
                .build();
    }

    /** ONNX Runtime's own name for an element type, without its prefix, is ours. */
    private static Optional<ElementType> elementType(TensorInfo.OnnxTensorType type) {
        String name = type.name().substring(RUNTIME_TYPE_PREFIX.length());
        return Arrays.stream(ElementType.values()).filter(element -> element.name().equals(name)).findFirst();
    }

    private static ValueInfoProto declared(ValueInfoProto output, ValueInfoProto inferred) {
        return TensorTypes.of(output)
                .filter(type -> type.elementType().onnxCode() == inferred.getType().getTensorType().getElemType())
                .map(type -> TensorTypes.info(output.getName(), type))
                .orElse(inferred);
    }
}
