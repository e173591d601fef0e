package io.parallaxfleet.opencl;

import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.partition.Region;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Finds tensors that can be written straight into the concatenation that reads them: everything before the axis is 1, so
 * each part is one contiguous run of the whole.
 */
final class ConcatPlacement {
    private ConcatPlacement() {}

    static Map<String, RegionDraft.Placement> find(ModelGraph graph, Region region) {
        Map<String, RegionDraft.Placement> placements = new HashMap<>();
        for (int index : region.nodes()) {
            Node node = graph.node(index);
            if (node.is("Concat")) {
                place(new Operator(graph, node), region, placements);
            }
        }
        return placements;
    }

    private static void place(Operator concat, Region region, Map<String, RegionDraft.Placement> placements) {
        int[] shape = concat.outputShape();
        int axis = Shapes.axis(concat.attributes().integer("axis", 0), shape.length);
        if (Shapes.product(shape, 0, axis) != 1) {
            return;
        }
        List<String> inputs = concat.node().inputs();
        int offset = 0;
        for (int i = 0; i < inputs.size(); i++) {
            String tensor = inputs.get(i);
            OptionalInt producer = concat.graph().producer(tensor);
            if (producer.isPresent() && region.nodes().contains(producer.getAsInt())) {
                placements.putIfAbsent(tensor, new RegionDraft.Placement(concat.output(), offset));
            }
            offset += Shapes.elements(concat.inputShape(i));
        }
    }
}
