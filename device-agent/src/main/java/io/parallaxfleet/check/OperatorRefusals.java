package io.parallaxfleet.check;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import java.util.Optional;

/** Says why an accelerator cannot run an operator. */
@FunctionalInterface
interface OperatorRefusals {
    /** The reason in a few words; empty when it can run. */
    Optional<String> refusal(ModelGraph graph, Node node);
}
