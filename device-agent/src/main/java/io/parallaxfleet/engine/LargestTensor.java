package io.parallaxfleet.engine;

import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import java.util.Comparator;
import java.util.Optional;

/** The largest tensor that an operator of a graph makes, as far as sizes are known: where it does not fit, nothing can run the model. */
record LargestTensor(Node node, String tensor, TensorType type) {
    private static Optional<LargestTensor> of(ModelGraph graph) {
        return graph.nodes().stream()
                .flatMap(node -> node.writes().flatMap(tensor ->
                        graph.type(tensor).filter(TensorType::isStatic).map(type -> new LargestTensor(node, tensor, type)).stream()))
                .max(Comparator.comparingLong(largest -> largest.type().bytes()));
    }

    /**
     * @param freeBytes what the machine would still give
     * @throws ModelFormatException that names the operator, where the tensor is larger
     */
    static void requireRoom(String model, ModelGraph graph, long freeBytes) {
        of(graph).filter(largest -> largest.type().bytes() > freeBytes).ifPresent(largest -> {
            throw new ModelFormatException("'" + model + "': the operator '" + largest.node().name() + "' (" + largest.node().opType()
                    + ") makes '" + largest.tensor() + "' (" + largest.type() + ") of " + largest.type().bytes() + " bytes, and only " + freeBytes
                    + " are free here; bind smaller dimensions or run it on a machine with more memory");
        });
    }
}
