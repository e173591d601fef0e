package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.Captures;
import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Keeps a convolutional network in the layout of ONNX Runtime's convolutions (NCHWc: channels in blocks) from end to end. ONNX
 * Runtime's own optimiser leaves it at every Split, at factors for each channel, at constants and where channels do not fill
 * blocks, and reorders what comes out and what goes in again. Its convolutions also divide some numbers of channels unevenly
 * among threads; those are cut ({@link FilterSets}). Inside control flow it lays nothing out at all. The results are the same bit for
 * bit, but for what no blocked kernel would have computed. Comes after all other rules, since it leaves no standard operator for them to
 * find; what it writes runs on this processor only.
 *
 * @param block channels of a block; empty where this processor has no such layout
 */
record BlockedLayout(OptionalInt block) implements Rewrite {
    @Override
    public String name() {
        return "blocked-layout";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        if (block.isEmpty() || graph.nodes().stream().noneMatch(BlockedConvolutions::isConvolution)) {
            return List.of();
        }
        List<NodeProto> order = graph.inOrder();
        Set<String> readOnce = order.stream().flatMap(node -> node.getOutputList().stream()).filter(graph::isReadOnce).collect(Collectors.toSet());
        Set<String> outputs = new HashSet<>(order.stream().flatMap(node -> node.getOutputList().stream()).filter(graph::isOutput).toList());
        BlockedTensors tensors = new BlockedTensors(graph, block.getAsInt());
        BlockedConvolutions convolutions = new BlockedConvolutions(graph, tensors);
        BlockedOperators operators = new BlockedOperators(graph, tensors, readOnce);
        List<String> places = new ArrayList<>();
        for (NodeProto node : order) {
            boolean moved;
            if (BlockedConvolutions.isConvolution(node)) {
                BlockedConvolutions.Result result = convolutions.move(node);
                moved = result != BlockedConvolutions.Result.LEFT;
                if (result == BlockedConvolutions.Result.CUT || moved && graph.isBody()) {
                    places.add(node.getName());
                }
            } else {
                BlockedOperators.Result result = operators.move(node);
                moved = result != BlockedOperators.Result.LEFT;
                if (result == BlockedOperators.Result.KEPT_IN_LAYOUT) {
                    places.add(node.getName());
                }
            }
            if (!moved) {
                Captures.reads(node).forEach(tensors::requirePlain);
            }
        }
        outputs.forEach(tensors::requirePlain);
        return places;
    }
}
