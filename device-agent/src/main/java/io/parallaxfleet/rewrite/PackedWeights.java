package io.parallaxfleet.rewrite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/** Constant weights of several products of the same rows, side by side. */
final class PackedWeights {
    private PackedWeights() {}

    /** As inputs x all outputs, the products' in their order; little-endian. */
    static ByteBuffer of(GraphEditor graph, List<MatrixProduct> products) {
        int inputs = Math.toIntExact(products.get(0).inputs());
        int width = width(products);
        ByteBuffer packed = ByteBuffer.allocateDirect(Math.multiplyExact(inputs * Float.BYTES, width)).order(ByteOrder.LITTLE_ENDIAN);
        FloatBuffer into = packed.asFloatBuffer();
        int column = 0;
        for (MatrixProduct product : products) {
            FloatBuffer weights = product.weights(graph);
            int outputs = Math.toIntExact(product.outputs());
            for (int output = 0; output < outputs; output++) {
                for (int input = 0; input < inputs; input++) {
                    into.put(input * width + column + output, weights.get(output * inputs + input));
                }
            }
            column += outputs;
        }
        return packed;
    }

    /** One row, zeros where a product has none; little-endian. */
    static ByteBuffer biasOf(GraphEditor graph, List<MatrixProduct> products) {
        ByteBuffer row = ByteBuffer.allocate(width(products) * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (MatrixProduct product : products) {
            int bytes = Math.toIntExact(product.outputs()) * Float.BYTES;
            product.bias().ifPresentOrElse(bias -> row.put(graph.content(bias).duplicate()), () -> row.put(new byte[bytes]));
        }
        return row.flip();
    }

    private static int width(List<MatrixProduct> products) {
        return Math.toIntExact(products.stream().mapToLong(MatrixProduct::outputs).sum());
    }
}
