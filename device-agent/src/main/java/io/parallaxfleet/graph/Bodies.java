package io.parallaxfleet.graph;

import java.util.List;
import java.util.OptionalLong;

/**
 * The sub-graphs of a control-flow operator.
 *
 * @param graphs in the order of the file; empty for an operator that holds none
 * @param statedTrips most iterations of a Loop whose trip count is a constant of the model; the body may still end it earlier
 */
public record Bodies(List<SubGraph> graphs, OptionalLong statedTrips) {
    public static final Bodies NONE = new Bodies(List.of(), OptionalLong.empty());

    public Bodies {
        graphs = List.copyOf(graphs);
    }
}
