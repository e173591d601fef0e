package io.parallaxfleet.engine;

import io.parallaxfleet.graph.Attributes;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PlanningOnly;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model with one fork of two heavy branches: operator 0, then 1 and 2 beside 3 and 4, joined by 5. */
final class ForkedModel {
    private static final TensorType SQUARE = TensorType.of(ElementType.FLOAT, 256, 256);

    private ForkedModel() {}

    static PreparedModel prepared() {
        Map<String, TensorType> types = new HashMap<>(Map.of("in", SQUARE));
        for (int tensor = 0; tensor < 6; tensor++) {
            types.put("t" + tensor, SQUARE);
        }
        return PlanningOnly.of(new ModelGraph(
                "forked",
                List.of(product(0, "in"), product(1, "t0"), product(2, "t1"), product(3, "t0"), product(4, "t3"), sum(5, "t2", "t4")),
                List.of("in"), List.of("t5"), types, Map.of("w", SQUARE)));
    }

    private static Node product(int index, String read) {
        return node(index, "MatMul", List.of(read, "w"));
    }

    private static Node sum(int index, String left, String right) {
        return node(index, "Add", List.of(left, right));
    }

    private static Node node(int index, String type, List<String> inputs) {
        return new Node(index, type + "_" + index, "", type, inputs, List.of("t" + index), List.of(), false, Attributes.NONE);
    }

    static Set<Integer> operatorsOfTheFork() {
        return Set.of(1, 2, 3, 4);
    }

    /** A plan on two CPU threads. */
    static EnginePlan plan(SideBySide sideBySide) {
        return EnginePlanner.plan(prepared(), OperatorSupport.none(), new DelegationPolicy.Never(), 0, sideBySide, 2);
    }
}
