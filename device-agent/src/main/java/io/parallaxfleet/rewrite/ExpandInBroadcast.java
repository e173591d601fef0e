package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code Div(x, Expand(y))} becomes {@code Div(x, y)}, and so for every operator that broadcasts by itself: what Expand writes is
 * never made. Bit for bit the same. Found where norms are spelt out, as in the cosine attention of SwinV2.
 */
record ExpandInBroadcast() implements Rewrite {
    private static final Set<String> BROADCASTING = Set.of("Add", "Sub", "Mul", "Div");

    @Override
    public String name() {
        return "expand-in-broadcast";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto expand : graph.nodes()) {
            if (NodeReading.isStandard(expand, "Expand") && graph.holds(expand)) {
                graph.readers(expand.getOutput(0)).stream()
                        .filter(reader -> spare(graph, expand, reader))
                        .forEach(reader -> places.add(reader.getName()));
            }
        }
        graph.removeUnread();
        return places;
    }

    /** Whether the reader could do without the Expand, and does now. */
    private static boolean spare(GraphEditor graph, NodeProto expand, NodeProto reader) {
        String expanded = expand.getOutput(0);
        Optional<TensorType> result = graph.type(reader.getOutput(0));
        boolean broadcasts = reader.getDomain().isEmpty() && BROADCASTING.contains(reader.getOpType());
        if (!broadcasts || result.isEmpty() || new HashSet<>(reader.getInputList()).size() < 2) {
            return false;
        }
        String other = reader.getInput(reader.getInput(0).equals(expanded) ? 1 : 0);
        // Otherwise the Expand is what gives the result its shape.
        if (!graph.type(other).equals(result)) {
            return false;
        }
        NodeProto.Builder without = reader.toBuilder();
        without.setInput(reader.getInput(0).equals(expanded) ? 0 : 1, expand.getInput(0));
        graph.remove(reader);
        graph.add(without.build());
        return true;
    }
}
