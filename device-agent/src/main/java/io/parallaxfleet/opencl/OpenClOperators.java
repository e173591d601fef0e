package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.Optional;

/** What the OpenCL delegate can run, known without a device: for reports and simulated devices. Thread-safe. */
public final class OpenClOperators {
    private static final OperatorCatalogue CATALOGUE = new OperatorCatalogue();

    private OpenClOperators() {}

    /** Why the operator cannot run, in a few words; empty when it can. */
    public static Optional<String> refusal(ModelGraph graph, Node node) {
        return CATALOGUE.refusal(new Operator(graph, node));
    }
}
