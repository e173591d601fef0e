package io.parallaxfleet.rewrite;

import com.google.protobuf.ByteString;
import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.OperatorSetIdProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The top-level graph of an optimised model while it is rewritten: who writes and reads each tensor, of what type, and how to put
 * operators in the place of others. Tensors keep their names, inputs and outputs their order. Not thread-safe.
 */
final class GraphEditor {
    private final OnnxModel model;
    private final ConstantSource constants;
    private final Map<String, TensorType> types = new HashMap<>();
    private final Map<String, TensorProto> initializers;
    private final LateConstants late = new LateConstants();
    private final String lateFile;
    private final String body;
    private final Set<String> outputs;
    /** By name, which is unique; in no particular order once something was replaced. */
    private final Map<String, NodeProto> nodes = new LinkedHashMap<>();
    private final Map<String, String> writers = new HashMap<>();
    private final Map<String, Set<String>> readers = new HashMap<>();
    private int made;

    /**
     * @param types of every tensor that is known, the inputs as bound
     * @param lateFile the name of the file beside the rewritten model that its large constants are to be written into
     * @param body what this graph is called where it is a sub-graph, nothing inside which may be called as something outside; empty
     *     for the graph of a model
     */
    GraphEditor(OnnxModel model, Map<String, TensorType> types, String lateFile, String body) {
        this.model = model;
        this.lateFile = lateFile;
        this.body = body;
        this.constants = model.constants();
        this.types.putAll(types);
        this.initializers = new LinkedHashMap<>(model.initializers());
        this.outputs = model.outputs().stream().map(ValueInfoProto::getName).collect(Collectors.toSet());
        model.nodes().forEach(this::add);
    }

    /** The operators of this moment. */
    List<NodeProto> nodes() {
        return List.copyOf(nodes.values());
    }

    /** The version of ONNX's own operators. */
    long opset() {
        return model.proto().getOpsetImportList().stream()
                .filter(opset -> opset.getDomain().isEmpty() || opset.getDomain().equals("ai.onnx")).mapToLong(OperatorSetIdProto::getVersion).findFirst().orElse(0);
    }

    /** The operators of this moment, each after those whose outputs it reads. */
    List<NodeProto> inOrder() {
        Set<String> placed = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>();
        for (String start : nodes.keySet()) {
            open.push(start);
            while (!open.isEmpty()) {
                String name = open.peek();
                Optional<String> missing = placed.contains(name)
                        ? Optional.empty()
                        : Captures.reads(nodes.get(name)).stream().map(writers::get).filter(writer -> writer != null && !placed.contains(writer)).findFirst();
                missing.ifPresentOrElse(open::push, () -> placed.add(open.pop()));
            }
        }
        return placed.stream().map(nodes::get).toList();
    }

    /** Whether this is a sub-graph of control flow. ONNX Runtime's optimiser leaves the convolutions of such in their plain layout. */
    boolean isBody() {
        return !body.isEmpty();
    }

    /** The operator of a name that some operator has. */
    NodeProto named(String name) {
        return Optional.ofNullable(nodes.get(name)).orElseThrow(() -> new IllegalArgumentException("no operator is called '" + name + "'"));
    }

    /** Whether the operator has not been removed since it was looked up. */
    boolean holds(NodeProto node) {
        return nodes.get(node.getName()) == node;
    }

    /** Who writes the tensor; empty for inputs and constants. */
    Optional<NodeProto> writer(String tensor) {
        return Optional.ofNullable(writers.get(tensor)).map(nodes::get);
    }

    /** Operators that read the tensor, those whose sub-graphs do among them. */
    List<NodeProto> readers(String tensor) {
        return readers.getOrDefault(tensor, Set.of()).stream().map(nodes::get).toList();
    }

    /** Whether one operator reads the tensor and nobody outside the graph does: it may vanish with that operator. */
    boolean isReadOnce(String tensor) {
        return !outputs.contains(tensor) && readers.getOrDefault(tensor, Set.of()).size() == 1;
    }

    /** Whether the tensor leaves the graph. */
    boolean isOutput(String tensor) {
        return outputs.contains(tensor);
    }

    /** Whether somebody reads the tensor, outside the graph or inside. */
    boolean isRead(String tensor) {
        return outputs.contains(tensor) || !readers.getOrDefault(tensor, Set.of()).isEmpty();
    }

    /** The tensor's type where every dimension is known. */
    Optional<TensorType> type(String tensor) {
        TensorProto constant = initializers.get(tensor);
        return (constant == null ? Optional.ofNullable(types.get(tensor)) : TensorTypes.of(constant)).filter(TensorType::isStatic);
    }

    /** Whether the tensor is of floats and of this shape. */
    boolean isFloat(String tensor, List<Long> shape) {
        return type(tensor).filter(type -> type.equals(new TensorType(ElementType.FLOAT, shape))).isPresent();
    }

    boolean isConstant(String tensor) {
        return initializers.containsKey(tensor);
    }

    /** The bytes of a constant; little-endian. */
    ByteBuffer content(String constant) {
        if (late.contains(constant)) {
            return late.content(constant);
        }
        TensorProto made = model.initializers().containsKey(constant) ? null : initializers.get(constant);
        return made == null ? constants.constant(constant) : made.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The value of a constant of one float. */
    Optional<Float> scalar(String tensor) {
        return type(tensor)
                .filter(type -> isConstant(tensor) && type.elementType() == ElementType.FLOAT && type.elements() == 1)
                .map(type -> content(tensor).getFloat(0));
    }

    /** A name that no tensor has. */
    String fresh(String hint) {
        return "rewritten" + body + "/" + hint + "/" + made++;
    }

    /** Adds a constant and answers its name. */
    String constant(String hint, TensorType type, ByteBuffer littleEndian) {
        if (LateConstants.isLarge(type)) {
            return constant(hint, type, () -> littleEndian.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        }
        String name = fresh(hint);
        initializers.put(name, TensorProto.newBuilder().setName(name).setDataType(type.elementType().onnxCode())
                .addAllDims(type.dimensions()).setRawData(ByteString.copyFrom(littleEndian)).build());
        return name;
    }

    /** Adds a large constant, whose bytes are made when they are written. */
    String constant(String hint, TensorType type, Supplier<ByteBuffer> littleEndian) {
        String name = fresh(hint);
        late.add(name, type, littleEndian);
        initializers.put(name, late.declaration(name).build());
        return name;
    }

    /** Adds a list of 64-bit integers, as shapes are. */
    String constant(String hint, List<Long> values) {
        ByteBuffer content = ByteBuffer.allocate(values.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        values.forEach(content::putLong);
        return constant(hint, TensorType.of(ElementType.INT64, values.size()), content.flip());
    }

    /** Adds an operator whose outputs nobody else writes. */
    void add(NodeProto node) {
        String name = node.getName();
        if (nodes.putIfAbsent(name, node) != null) {
            throw new IllegalArgumentException("two operators are called '" + name + "'");
        }
        node.getOutputList().stream().filter(output -> !output.isEmpty()).forEach(output -> {
            if (writers.put(output, name) != null) {
                throw new IllegalArgumentException("two operators write '" + output + "'");
            }
        });
        Captures.reads(node).forEach(tensor -> readers.computeIfAbsent(tensor, key -> new LinkedHashSet<>()).add(name));
    }

    /** Declares the type of a tensor that an added operator writes. */
    void declare(String tensor, TensorType type) {
        types.put(tensor, type);
    }

    /** Takes an operator out; what it wrote must be written by another before {@link #build}. */
    void remove(NodeProto node) {
        nodes.remove(node.getName());
        node.getOutputList().forEach(writers::remove);
        Captures.reads(node).forEach(tensor -> readers.get(tensor).remove(node.getName()));
    }

    /** Takes an operator out whose readers read its first input from then on; false, and nothing done, where others read its output too. */
    boolean bypass(NodeProto node) {
        String output = node.getOutput(0);
        if (isOutput(output) || readers(output).stream().anyMatch(reader -> Captures.of(reader).contains(output))) {
            return false;
        }
        for (NodeProto reader : readers(output)) {
            NodeProto.Builder direct = reader.toBuilder();
            for (int position = 0; position < reader.getInputCount(); position++) {
                if (reader.getInput(position).equals(output)) {
                    direct.setInput(position, node.getInput(0));
                }
            }
            remove(reader);
            add(direct.build());
        }
        remove(node);
        return true;
    }

    /** Adds a Reshape of a tensor, which costs no copy, and answers the result's name; the tensor itself where it has that shape. */
    String reshaped(String tensor, List<Long> shape) {
        TensorType type = type(tensor).orElseThrow();
        if (type.dimensions().equals(shape)) {
            return tensor;
        }
        String result = fresh("reshaped");
        reshape(tensor, shape, result);
        declare(result, new TensorType(type.elementType(), shape));
        return result;
    }

    /** Adds a Reshape that writes a given tensor. */
    void reshape(String tensor, List<Long> shape, String result) {
        add(NodeProto.newBuilder().setOpType("Reshape").setName(fresh("Reshape")).addInput(tensor).addInput(constant("shape", shape))
                .addOutput(result).build());
    }

    /** Takes out operators that nobody reads any more, and what only they read. */
    void removeUnread() {
        boolean removed = true;
        while (removed) {
            List<NodeProto> unread = new ArrayList<>();
            nodes.values().stream()
                    .filter(node -> node.getOutputList().stream().noneMatch(output -> !output.isEmpty() && isRead(output)))
                    .forEach(unread::add);
            unread.forEach(this::remove);
            removed = !unread.isEmpty();
        }
    }

    /** The model as it is now; constants that nobody reads are left out. */
    EditedModel build() {
        removeUnread();
        Map<String, TensorType> inside = new HashMap<>(types);
        inside.keySet().retainAll(writers.keySet());
        inside.keySet().removeAll(outputs);
        return EditedModel.of(model, nodes.values(), initializers.values(), inside, late, lateFile);
    }
}
