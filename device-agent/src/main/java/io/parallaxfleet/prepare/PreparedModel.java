package io.parallaxfleet.prepare;

import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model that ONNX Runtime has optimised once for bound input shapes, with every tensor typed: what plans are made on.
 * Thread-safe.
 */
public interface PreparedModel {
    /** Short name for telemetry and tables: the catalogue name or the file name without its ending. */
    String name();

    /** SHA-256 of the original model file, hexadecimal. */
    String modelHash();

    /** The bound input shapes, e.g. {@code attention_mask:1x128,input_ids:1x128}; inputs in name order. */
    String shapeKey();

    /** The original model file. */
    Path originalModel();

    /** Values of the symbolic dimensions. */
    Map<String, Long> boundDimensions();

    /** The optimised graph (extended level: fused, but no hardware-specific layouts). */
    ModelGraph graph();

    /** The optimised model file that {@link #graph()} was read from. */
    Path optimizedModel();

    ConstantSource constants();

    /**
     * Cuts out a model of its own: the given nodes with the initialisers they read, the given inputs and outputs typed where
     * known. Written beside the optimised model so that external weights resolve; the same cut gives the same file.
     *
     * @param nodes node indices, ascending
     * @param inputs tensors that enter, outer tensors captured by sub-graphs among them
     * @param outputs tensors that leave
     */
    Path extract(List<Integer> nodes, List<String> inputs, List<String> outputs);

    /**
     * A sub-graph of a control-flow operator as a model of its own, to be planned like any other. Its inputs are those of the
     * sub-graph, then the outer tensors that it reads; outer initialisers are its own. Its outputs stand in the order of the
     * sub-graph's and each is written by an operator. It shares the outer model's weights file.
     *
     * @param node index of the operator
     * @param attribute the attribute that holds the sub-graph
     * @return empty where the sub-graph cannot stand by itself: it reads what is no dense tensor of a known type
     */
    default Optional<PreparedModel> body(int node, String attribute) {
        return Optional.empty();
    }
}
