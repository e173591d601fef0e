package io.parallaxfleet.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import io.parallaxfleet.host.FileFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX file in memory, with its nodes named and in topological order. Weights inside the file stay mapped, weights beside it
 * are not touched. Immutable.
 */
public final class OnnxModel {
    private final Path path;
    private final ModelProto proto;
    private final List<NodeProto> nodes;
    private final Map<String, TensorProto> initializers;

    private OnnxModel(Path path, ModelProto proto, List<NodeProto> nodes, Map<String, TensorProto> initializers) {
        this.path = path;
        this.proto = proto;
        this.nodes = List.copyOf(nodes);
        this.initializers = initializers;
    }

    /**
     * Reads a model.
     *
     * @throws ModelFormatException when the file is missing, truncated, not ONNX or holds no usable graph; one line that names
     *     the file and what to do
     */
    public static OnnxModel read(Path path) {
        return of(path, parse(path));
    }

    /** A model in memory that stands for a file; checked as in {@link #read}. */
    public static OnnxModel of(Path path, ModelProto proto) {
        if (!proto.hasGraph()) {
            throw new ModelFormatException("'" + path + "' holds no graph: it is not an ONNX model; give the .onnx file itself");
        }
        if (proto.getOpsetImportCount() == 0) {
            throw new ModelFormatException("'" + path + "' imports no operator set: it is not a complete ONNX model; export it again");
        }
        GraphProto graph = proto.getGraph();
        if (graph.getNodeCount() == 0) {
            throw new ModelFormatException("'" + path + "' has an empty graph; export the model again with its operators");
        }
        if (graph.getOutputCount() == 0) {
            throw new ModelFormatException("'" + path + "' has no outputs; export the model again with its outputs named");
        }
        ModelValidation.check(path, proto);
        Map<String, TensorProto> initializers = new LinkedHashMap<>();
        for (TensorProto tensor : graph.getInitializerList()) {
            initializers.put(tensor.getName(), tensor);
        }
        return new OnnxModel(path, proto, TopologicalOrder.of(path, graph), Collections.unmodifiableMap(initializers));
    }

    /**
     * A file as it is, unchecked: for what this program had written itself and mends before anybody reads it.
     *
     * @throws ModelFormatException when the file is missing, truncated or not ONNX
     */
    public static ModelProto parse(Path path) {
        if (Files.isDirectory(path)) {
            throw new ModelFormatException("'" + path + "' is a directory; give the .onnx file in it");
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long bytes = file.size();
            if (bytes == 0) {
                throw new ModelFormatException("'" + path + "' is empty; copy or export the model again");
            }
            if (bytes > Integer.MAX_VALUE) {
                throw new ModelFormatException("'" + path + "' is larger than 2 GiB, the limit of the format; "
                        + "export it with its weights as external data");
            }
            // Aliasing leaves weights in the mapped file: a 90 MB model costs no heap.
            CodedInputStream in =
                    UnsafeByteOperations.unsafeWrap(file.map(FileChannel.MapMode.READ_ONLY, 0, bytes)).newCodedInput();
            in.enableAliasing(true);
            return ModelProto.parseFrom(in);
        } catch (NoSuchFileException e) {
            throw new ModelFormatException("'" + path + "' does not exist; give the path of an .onnx file", e);
        } catch (InvalidProtocolBufferException e) {
            throw new ModelFormatException("'" + path + "' is truncated or not an ONNX model (" + firstSentence(e.getMessage())
                    + "); copy or export it again", e);
        } catch (IOException e) {
            throw new ModelFormatException("'" + path + "' cannot be read (" + FileFailure.reason(e) + "); check the file and its rights", e);
        }
    }

    private static String firstSentence(String message) {
        int end = message.indexOf(". ");
        String sentence = end < 0 ? message : message.substring(0, end);
        return sentence.replace('\n', ' ').replaceAll("\\.$", "");
    }

    public Path path() {
        return path;
    }

    public ModelProto proto() {
        return proto;
    }

    /** The top-level nodes in topological order, every one with a name; positions are the indices of {@link #graph}. */
    public List<NodeProto> nodes() {
        return nodes;
    }

    /** Top-level initialisers by name. */
    public Map<String, TensorProto> initializers() {
        return initializers;
    }

    /** Inputs that a caller feeds: graph inputs that are not initialisers (older models list both). */
    public List<ValueInfoProto> inputs() {
        return proto.getGraph().getInputList().stream()
                .filter(input -> !initializers.containsKey(input.getName()))
                .toList();
    }

    public List<ValueInfoProto> outputs() {
        return proto.getGraph().getOutputList();
    }

    /** Types of intermediate tensors that the file itself states; tensors without a known rank are absent. */
    public Map<String, TensorType> inferredTypes() {
        Map<String, TensorType> types = new HashMap<>();
        for (ValueInfoProto info : proto.getGraph().getValueInfoList()) {
            TensorTypes.of(info).ifPresent(type -> types.put(info.getName(), type));
        }
        return types;
    }

    /**
     * The operator DAG.
     *
     * @param name the model's short name
     * @param types types of the tensors that are known
     * @throws ModelFormatException when an initialiser has an element type without a fixed size, or the graph is malformed
     */
    public ModelGraph graph(String name, Map<String, TensorType> types) {
        Map<String, TensorType> constants = new LinkedHashMap<>();
        initializers.forEach((tensor, data) -> constants.put(
                tensor,
                TensorTypes.of(data)
                        .orElseThrow(() -> new ModelFormatException("'" + path + "': the initialiser '" + tensor + "' is of type "
                                + TensorTypes.name(data.getDataType()) + ", which cannot be planned; export it as float or int8"))));
        Set<String> outerTensors = new HashSet<>(constants.keySet());
        inputs().forEach(input -> outerTensors.add(input.getName()));
        nodes.forEach(node -> outerTensors.addAll(node.getOutputList()));
        NodeReader reader = new NodeReader(outerTensors, initializers);
        List<Node> read = new ArrayList<>(nodes.size());
        for (NodeProto node : nodes) {
            read.add(reader.read(read.size(), node));
        }
        try {
            return new ModelGraph(
                    name,
                    read,
                    inputs().stream().map(ValueInfoProto::getName).toList(),
                    outputs().stream().map(ValueInfoProto::getName).toList(),
                    types,
                    constants);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException("'" + path + "' is malformed: " + e.getMessage() + "; export it again", e);
        }
    }

    /**
     * The content of the top-level initialisers.
     *
     * @throws ModelFormatException when weights beside the file are missing, too short or outside its folder
     */
    public ConstantSource constants() {
        return new InitializerData(path, initializers);
    }
}
