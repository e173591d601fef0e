package io.parallaxfleet.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OutputDifferenceTest {
    private static OnnxTensor floats(float... values) throws OrtException {
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values), new long[] {values.length});
    }

    private static OnnxTensor longs(long... values) throws OrtException {
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), LongBuffer.wrap(values), new long[] {values.length});
    }

    private static double difference(OnnxTensor reference, OnnxTensor actual) {
        return OutputDifference.from(Map.of("out", reference)).of(Map.of("out", actual));
    }

    @Test
    @DisplayName("a float tensor's difference is relative to the reference's largest magnitude")
    void relativeToMagnitude() throws OrtException {
        assertEquals(0.05, difference(floats(1, -20, 3), floats(1, -20, 4)), 1e-12);
    }

    @Test
    @DisplayName("equal tensors do not differ, all zeros included")
    void equal() throws OrtException {
        assertEquals(0, difference(floats(0, 0), floats(0, 0)));
        assertEquals(0, difference(longs(7), longs(7)));
    }

    @Test
    @DisplayName("another value in an integer tensor, another length or a NaN is infinitely different")
    void incomparable() throws OrtException {
        assertEquals(Double.POSITIVE_INFINITY, difference(longs(7), longs(8)));
        assertEquals(Double.POSITIVE_INFINITY, difference(floats(1), floats(1, 2)));
        assertEquals(Double.POSITIVE_INFINITY, difference(floats(1), floats(Float.NaN)));
    }
}
