package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.NodeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code x * clip(x + 3, 0, 6) / 6}, spelt out as older exporters do, becomes {@code x * HardSigmoid(x)} with the slope 1/6 and the offset 1/2:
 * two passes over the tensor instead of four.
 */
record HardSwish() implements Rewrite {
    private static final float OFFSET = 3;
    private static final float HIGHEST = 6;

    @Override
    public String name() {
        return "hard-swish";
    }

    @Override
    public List<String> rewrite(GraphEditor graph) {
        List<String> places = new ArrayList<>();
        for (NodeProto clip : graph.inOrder()) {
            if (NodeReading.isStandard(clip, "Clip") && replaced(graph, clip)) {
                places.add(clip.getName());
            }
        }
        return places;
    }

    private static boolean replaced(GraphEditor graph, NodeProto clip) {
        boolean bounds = limit(graph, clip, 1, 0) && limit(graph, clip, 2, HIGHEST);
        Optional<NodeProto> sum = graph.writer(clip.getInput(0))
                .filter(add -> NodeReading.isStandard(add, "Add") && other(graph, add, OFFSET).isPresent() && graph.isReadOnce(clip.getInput(0)));
        if (!bounds || sum.isEmpty()) {
            return false;
        }
        String x = other(graph, sum.get(), OFFSET).orElseThrow();
        Optional<NodeProto> product = onlyReader(graph, clip).filter(mul -> NodeReading.isStandard(mul, "Mul") && mul.getInputList().contains(x));
        Optional<NodeProto> quotient = product.flatMap(mul -> onlyReader(graph, mul)).filter(div -> dividesBySix(graph, div));
        if (quotient.isEmpty() || !graph.type(x).equals(graph.type(quotient.get().getOutput(0)))) {
            return false;
        }
        String gate = graph.fresh("gate");
        List.of(sum.get(), clip, product.get(), quotient.get()).forEach(graph::remove);
        graph.type(x).ifPresent(type -> graph.declare(gate, type));
        graph.add(NodeProto.newBuilder().setOpType("HardSigmoid").setName(graph.fresh("HardSigmoid")).addInput(x).addOutput(gate)
                .addAttribute(NodeReading.attribute("alpha", 1 / HIGHEST)).addAttribute(NodeReading.attribute("beta", OFFSET / HIGHEST)).build());
        graph.add(NodeProto.newBuilder().setOpType("Mul").setName(graph.fresh("Mul")).addInput(x).addInput(gate)
                .addOutput(quotient.get().getOutput(0)).build());
        return true;
    }

    private static boolean limit(GraphEditor graph, NodeProto clip, int input, float value) {
        return NodeReading.input(clip, input).flatMap(graph::scalar).filter(found -> found == value).isPresent();
    }

    /** The other input of an operator that reads this constant. */
    private static Optional<String> other(GraphEditor graph, NodeProto node, float constant) {
        for (int input = 0; input < 2; input++) {
            if (graph.scalar(node.getInput(input)).filter(found -> found == constant).isPresent()) {
                return Optional.of(node.getInput(1 - input));
            }
        }
        return Optional.empty();
    }

    private static Optional<NodeProto> onlyReader(GraphEditor graph, NodeProto node) {
        return graph.isReadOnce(node.getOutput(0)) ? graph.readers(node.getOutput(0)).stream().findFirst() : Optional.empty();
    }

    private static boolean dividesBySix(GraphEditor graph, NodeProto node) {
        boolean divided = NodeReading.isStandard(node, "Div") && graph.scalar(node.getInput(1)).filter(found -> found == HIGHEST).isPresent();
        return divided || NodeReading.isStandard(node, "Mul") && other(graph, node, 1 / HIGHEST).isPresent();
    }
}
