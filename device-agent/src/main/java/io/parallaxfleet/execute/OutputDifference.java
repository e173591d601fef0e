package io.parallaxfleet.execute;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How far outputs are from a reference: the largest absolute difference of a float tensor over the largest magnitude in the
 * reference tensor; 0 for equal and infinite for different tensors of other types or shapes.
 */
public final class OutputDifference {
    private final Map<String, float[]> floats = new HashMap<>();
    private final Map<String, byte[]> others = new HashMap<>();

    /** Copies the reference outputs. */
    public static OutputDifference from(Map<String, OnnxTensor> reference) {
        OutputDifference difference = new OutputDifference();
        reference.forEach((name, tensor) -> {
            if (tensor.getInfo().type == OnnxJavaType.FLOAT) {
                difference.floats.put(name, floats(tensor));
            } else {
                difference.others.put(name, bytes(tensor));
            }
        });
        return difference;
    }

    /** The largest relative difference over all reference outputs. */
    public double of(Map<String, OnnxTensor> outputs) {
        double worst = 0;
        for (Map.Entry<String, float[]> reference : floats.entrySet()) {
            worst = Math.max(worst, relative(reference.getValue(), floats(outputs.get(reference.getKey()))));
        }
        for (Map.Entry<String, byte[]> reference : others.entrySet()) {
            if (!Arrays.equals(reference.getValue(), bytes(outputs.get(reference.getKey())))) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return worst;
    }

    private static double relative(float[] reference, float[] actual) {
        if (reference.length != actual.length) {
            return Double.POSITIVE_INFINITY;
        }
        double magnitude = 0;
        double difference = 0;
        for (int i = 0; i < reference.length; i++) {
            if (Float.isFinite(reference[i]) && Float.isFinite(actual[i])) {
                magnitude = Math.max(magnitude, Math.abs(reference[i]));
                difference = Math.max(difference, Math.abs((double) reference[i] - actual[i]));
            } else if (Float.compare(reference[i], actual[i]) != 0) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return difference == 0 ? 0 : difference / magnitude;
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static byte[] bytes(OnnxTensor tensor) {
        ByteBuffer buffer = tensor.getByteBuffer();
        byte[] values = new byte[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
