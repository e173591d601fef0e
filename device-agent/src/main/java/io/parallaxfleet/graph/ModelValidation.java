package io.parallaxfleet.graph;

import com.google.protobuf.UnknownFieldSet;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.graph.proto.ValueInfoProto;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refuses files that no planner and no native code should see. A model is data from elsewhere: what it claims is checked against
 * what it holds before anything is allocated for it, and each refusal is one line that names the node or tensor.
 *
 * <p>Checked in the graph and every graph inside it: nesting and size; that every name is written once and read only where it
 * is in scope; that bodies have no cycles (of the graph itself {@link TopologicalOrder} sees to that); that tensors hold what their shapes need (see {@link TensorValidation}); ranks and attributes that native code
 * was seen to trust (see {@link OperatorRules}). O(size of the file's structure); weights are not read.
 */
final class ModelValidation {
    /** Real models nest control flow two or three deep. */
    private static final int DEEPEST_NESTING = 16;
    private static final int MOST_NODES = 500_000;
    // Fields of the format that the trimmed schema leaves out and that could make more of a file than it holds.
    private static final int FUNCTIONS_FIELD = 25;
    private static final int TRAINING_FIELD = 20;
    private static final int SPARSE_TENSOR_FIELD = 22;
    private static final int SPARSE_TENSORS_FIELD = 23;

    private final Path path;
    private final TensorValidation tensors;
    private final OperatorRules rules;
    private int nodes;

    private ModelValidation(Path path) {
        this.path = path;
        tensors = new TensorValidation(path);
        rules = new OperatorRules(path);
    }

    /** @throws ModelFormatException in one line that names the file, the node or tensor and what to do */
    static void check(Path path, ModelProto model) {
        ModelValidation validation = new ModelValidation(path);
        validation.checkModel(model);
        validation.checkGraph(model.getGraph(), new Scope(null), 0);
    }

    /** Names that a graph sees: its own and those of the graphs around it. */
    private static final class Scope {
        private final Scope outer;
        private final Set<String> names = new HashSet<>();
        private final Map<String, TensorProto> constants = new HashMap<>();

        private Scope(Scope outer) {
            this.outer = outer;
            if (outer != null) {
                constants.putAll(outer.constants);
            }
        }

        private boolean sees(String name) {
            return names.contains(name) || outer != null && outer.sees(name);
        }
    }

    private ModelFormatException refusal(String what) {
        return new ModelFormatException("'" + path + "': " + what);
    }

    private void checkModel(ModelProto model) {
        model.getOpsetImportList().forEach(opset -> {
            if (opset.getVersion() < 1) {
                throw refusal("the operator set '" + opset.getDomain() + "' has the version " + opset.getVersion()
                        + "; export the model again");
            }
        });
        if (has(model.getUnknownFields(), FUNCTIONS_FIELD)) {
            throw refusal("it defines functions of its own, which may stand for any number of operators; "
                    + "inline them first (onnx.inliner.inline_local_functions)");
        }
        if (has(model.getUnknownFields(), TRAINING_FIELD)) {
            throw refusal("it holds a training graph; export the model for inference");
        }
    }

    private static boolean has(UnknownFieldSet fields, int number) {
        return !fields.getField(number).getLengthDelimitedList().isEmpty();
    }

    private void checkGraph(GraphProto graph, Scope scope, int depth) {
        if (depth > DEEPEST_NESTING) {
            throw refusal("the graph '" + graph.getName() + "' lies " + depth + " control-flow operators deep, more than "
                    + DEEPEST_NESTING + "; export the model with less nesting");
        }
        nodes += graph.getNodeCount();
        if (nodes > MOST_NODES) {
            throw refusal("it has more than " + MOST_NODES + " operators; export it in parts");
        }
        if (graph.getSparseInitializerCount() > 0) {
            throw refusal("it has the sparse initialiser '" + graph.getSparseInitializer(0).getValues().getName()
                    + "'; export it with dense weights");
        }
        declare(graph, scope, depth);
        rules.checkGraph(graph, scope.constants);
        graph.getValueInfoList().forEach(tensors::checkInfo);
        Set<String> operators = new HashSet<>();
        for (NodeProto node : graph.getNodeList()) {
            if (!node.getName().isEmpty() && !operators.add(node.getName())) {
                throw refusal("two operators of the graph '" + graph.getName() + "' are called '" + node.getName()
                        + "'; export the model with distinct names");
            }
            checkNode(node, scope, depth);
        }
        if (depth > 0) {
            TopologicalOrder.check(path, graph);
        }
        Set<String> outputs = new HashSet<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            tensors.checkInfo(output);
            // The results of a body go by position; one tensor may be two of them.
            if (!outputs.add(output.getName()) && depth == 0) {
                throw refusal("the output '" + output.getName() + "' of the graph '" + graph.getName() + "' is there twice; export the model again");
            }
            if (!scope.sees(output.getName())) {
                throw refusal("the output '" + output.getName() + "' of the graph '" + graph.getName()
                        + "' is written by no operator; export the model again");
            }
        }
    }

    /** All names of the graph, each once; initialisers may repeat an input, as older files do. */
    private void declare(GraphProto graph, Scope scope, int depth) {
        Set<String> inputs = new HashSet<>();
        for (ValueInfoProto input : graph.getInputList()) {
            tensors.checkInfo(input);
            if (input.getName().isEmpty() || !inputs.add(input.getName())) {
                throw refusal("the input '" + input.getName() + "' of the graph '" + graph.getName() + "' "
                        + (input.getName().isEmpty() ? "has no name" : "is there twice") + "; export the model again");
            }
        }
        for (TensorProto tensor : graph.getInitializerList()) {
            tensors.checkInitializer(tensor);
            if (!scope.names.add(tensor.getName())) {
                throw refusal("the initialiser '" + tensor.getName() + "' is there twice; export the model again");
            }
            if (depth > 0 && inputs.contains(tensor.getName())) {
                throw refusal("'" + tensor.getName() + "' is an input and an initialiser of the graph '" + graph.getName()
                        + "'; export the model again");
            }
        }
        scope.names.addAll(inputs);
        for (NodeProto node : graph.getNodeList()) {
            for (String output : node.getOutputList()) {
                if (!output.isEmpty() && !scope.names.add(output)) {
                    throw refusal("the operator '" + label(node) + "' writes '" + output
                            + "', which exists already; export the model again");
                }
                // Inputs and initialisers of a body may hide outer tensors; ONNX Runtime takes them for the inner ones, as we do.
                if (!output.isEmpty() && scope.outer != null && scope.outer.sees(output)) {
                    throw refusal("the operator '" + label(node) + "' writes '" + output
                            + "', which hides a tensor of the same name around its graph; export the model with distinct names");
                }
            }
        }
    }

    private void checkNode(NodeProto node, Scope scope, int depth) {
        if (node.getOpType().isEmpty()) {
            throw refusal("the operator '" + node.getName() + "' has no type; export the model again");
        }
        for (String input : node.getInputList()) {
            if (!input.isEmpty() && !scope.sees(input)) {
                throw refusal("the operator '" + label(node) + "' reads '" + input + "', which nothing provides; export the model again");
            }
        }
        rules.checkNode(node);
        Set<String> attributes = new HashSet<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            String where = "the attribute '" + attribute.getName() + "' of '" + label(node) + "'";
            if (attribute.getName().isEmpty() || !attributes.add(attribute.getName())) {
                throw refusal(where + (attribute.getName().isEmpty() ? " has no name" : " is there twice") + "; export the model again");
            }
            checkAttribute(attribute, where);
            checkBodies(attribute, scope, depth);
        }
    }

    private void checkAttribute(AttributeProto attribute, String where) {
        if (has(attribute.getUnknownFields(), SPARSE_TENSOR_FIELD) || has(attribute.getUnknownFields(), SPARSE_TENSORS_FIELD)) {
            throw refusal(where + " is a sparse tensor; export the model with dense tensors");
        }
        if (attribute.hasT() != (attribute.getType() == AttributeProto.AttributeType.TENSOR)
                || attribute.hasG() != (attribute.getType() == AttributeProto.AttributeType.GRAPH)) {
            throw refusal(where + " does not hold what its type says; export the model again");
        }
        if (attribute.hasT()) {
            tensors.check(attribute.getT(), where);
        }
        attribute.getTensorsList().forEach(tensor -> tensors.check(tensor, where));
    }

    private void checkBodies(AttributeProto attribute, Scope scope, int depth) {
        if (attribute.hasG()) {
            checkGraph(attribute.getG(), new Scope(scope), depth + 1);
        }
        attribute.getGraphsList().forEach(graph -> checkGraph(graph, new Scope(scope), depth + 1));
    }

    /** What to call a node in a message. */
    static String label(NodeProto node) {
        if (!node.getName().isEmpty()) {
            return node.getName();
        }
        List<String> outputs = node.getOutputList();
        return outputs.isEmpty() ? node.getOpType() : node.getOpType() + " -> " + outputs.get(0);
    }
}
