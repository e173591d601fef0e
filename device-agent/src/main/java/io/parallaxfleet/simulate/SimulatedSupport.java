package io.parallaxfleet.simulate;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.OperatorSupport;
import java.util.Set;

/** What modelled accelerators can run. */
final class SimulatedSupport {
    private static final Set<String> OPERATORS = Set.of("Conv", "FusedConv", "Gemm", "MatMul", "FusedMatMul", "Relu", "Sigmoid", "Clip",
            "Add", "Mul", "Sub", "Div", "LeakyRelu", "HardSwish", "HardSigmoid", "Gelu", "BiasGelu", "Softmax", "LayerNormalization",
            "SkipLayerNormalization", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization", "Concat", "QuickGelu", "Tanh",
            "Erf", "Sqrt", "Pow");

    private SimulatedSupport() {}

    /** Float operators with static shapes that mobile GPU delegates run. */
    static OperatorSupport openCl() {
        return (graph, node) -> node.domain().length() <= 13 && OPERATORS.contains(node.opType()) && staticFloats(graph, node);
    }

    private static boolean staticFloats(ModelGraph graph, Node node) {
        return node.writes().allMatch(tensor -> graph.type(tensor).filter(SimulatedSupport::staticFloat).isPresent());
    }

    private static boolean staticFloat(TensorType type) {
        return type.isStatic() && type.elementType() == ElementType.FLOAT;
    }
}
