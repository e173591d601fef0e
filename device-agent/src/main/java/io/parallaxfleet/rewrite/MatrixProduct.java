package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.NodeProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;

/**
 * {@code rows * weights (+ bias)} with constant weights and bias, spelt Gemm or MatMul.
 *
 * @param transposed whether the weights lie as outputs x inputs
 * @param count of rows
 * @param inputs length of a row
 * @param outputs length of a row of the result
 */
record MatrixProduct(NodeProto node, boolean transposed, Optional<String> bias, long count, long inputs, long outputs) {
    /** The product that an operator is, if it is one. */
    static Optional<MatrixProduct> of(GraphEditor graph, NodeProto node) {
        boolean gemm = NodeReading.isStandard(node, "Gemm") && NodeReading.integer(node, "transA", 0) == 0
                && NodeReading.real(node, "alpha", 1) == 1 && NodeReading.real(node, "beta", 1) == 1;
        if (!gemm && !NodeReading.isStandard(node, "MatMul")) {
            return Optional.empty();
        }
        Optional<TensorType> rows = graph.type(node.getInput(0)).filter(type -> type.elementType() == ElementType.FLOAT && type.rank() >= 2 && type.elements() > 0);
        Optional<TensorType> weights = graph.type(node.getInput(1))
                .filter(type -> type.elementType() == ElementType.FLOAT && type.rank() == 2 && graph.isConstant(node.getInput(1)));
        if (rows.isEmpty() || weights.isEmpty() || graph.isConstant(node.getInput(0))) {
            return Optional.empty();
        }
        boolean transposed = NodeReading.integer(node, "transB", 0) == 1;
        List<Long> shape = weights.get().dimensions();
        long inputs = shape.get(transposed ? 1 : 0);
        long outputs = shape.get(transposed ? 0 : 1);
        Optional<String> bias = NodeReading.input(node, 2);
        boolean rowOfBias = bias.map(name -> graph.isConstant(name)
                && (graph.isFloat(name, List.of(outputs)) || graph.isFloat(name, List.of(1L, outputs)))).orElse(true);
        long count = rows.get().elements() / inputs;
        return rowOfBias ? Optional.of(new MatrixProduct(node, transposed, bias, count, inputs, outputs)) : Optional.empty();
    }

    String rows() {
        return node.getInput(0);
    }

    /** The tensor that was only reshaped into the rows: products that each have a Reshape of their own read the same. */
    String source(GraphEditor graph) {
        return source(graph, rows());
    }

    private String source(GraphEditor graph, String tensor) {
        return graph.writer(tensor)
                .filter(writer -> NodeReading.isStandard(writer, "Reshape"))
                .map(writer -> writer.getInput(0))
                .filter(from -> graph.type(from).filter(type -> type.rank() > 0 && type.dimensions().get(type.rank() - 1) == inputs).isPresent())
                .map(from -> source(graph, from))
                .orElse(tensor);
    }

    /** As outputs x inputs. */
    FloatBuffer weights(GraphEditor graph) {
        FloatBuffer weights = graph.content(node.getInput(1)).asFloatBuffer();
        if (transposed) {
            return weights;
        }
        int rows = Math.toIntExact(inputs);
        int columns = Math.toIntExact(outputs);
        FloatBuffer turned = ByteBuffer.allocateDirect(Math.multiplyExact(rows * Float.BYTES, columns)).order(ByteOrder.nativeOrder()).asFloatBuffer();
        for (int output = 0; output < columns; output++) {
            for (int input = 0; input < rows; input++) {
                turned.put(output * rows + input, weights.get(input * columns + output));
            }
        }
        return turned;
    }
}
