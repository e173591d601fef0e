package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.Optional;

/** A node with the types of its tensors: what lowerings decide on. Immutable. */
record Operator(ModelGraph graph, Node node) {
    Attributes attributes() {
        return node.attributes();
    }

    /** The operator type with its domain, the standard domain left out: {@code com.microsoft.FusedConv}. */
    String kind() {
        return node.domain().isEmpty() || node.domain().equals("ai.onnx") ? node.opType() : node.domain() + "." + node.opType();
    }

    boolean hasInput(int position) {
        return position < node.inputs().size() && !node.inputs().get(position).isEmpty();
    }

    String input(int position) {
        return node.inputs().get(position);
    }

    String output() {
        return node.outputs().get(0);
    }

    boolean constantInput(int position) {
        return hasInput(position) && graph.isInitializer(input(position));
    }

    /** Whether the input is absent or an initialiser. */
    boolean absentOrConstant(int position) {
        return !hasInput(position) || constantInput(position);
    }

    int[] inputShape(int position) {
        return shape(input(position));
    }

    int[] outputShape() {
        return shape(output());
    }

    /** The tensor's dimensions; call after {@link #refusalOfTypes}. */
    int[] shape(String tensor) {
        return graph.type(tensor).orElseThrow(() -> new IllegalArgumentException("the shape of '" + tensor + "' is not known"))
                .dimensions().stream().mapToInt(Math::toIntExact).toArray();
    }

    /** Why the tensor cannot be on the device as floats; empty when it can. */
    Optional<String> refusalOfTensor(String tensor) {
        Optional<TensorType> type = graph.type(tensor);
        if (type.isEmpty() || !type.get().isStatic()) {
            return Optional.of("'" + tensor + "' has a data-dependent shape");
        }
        if (type.get().elementType() != ElementType.FLOAT) {
            return Optional.of("'" + tensor + "' is " + type.get().elementType() + ", not FLOAT");
        }
        long elements = type.get().elements();
        if (elements == 0) {
            return Optional.of("'" + tensor + "' is empty");
        }
        // Kernels index with 32-bit integers.
        if (elements > Integer.MAX_VALUE / 8) {
            return Optional.of("'" + tensor + "' has " + elements + " elements, more than kernels index");
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return node.opType() + " '" + node.name() + "'";
    }
}
