package io.parallaxfleet.zoo;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.platform.Fp16Conversions;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;

/**
 * Inputs that a model accepts, made up: noise for images and features, token ids small enough for every vocabulary, masks of
 * ones. Which is which is read off the input's name and type. The same seed gives the same inputs.
 */
public final class SyntheticInputs {
    /** Below the vocabulary of every language model, and above the ids that tokenizers reserve for padding. */
    private static final int SMALLEST_TOKEN = 100;

    private static final int TOKENS = 800;
    /** Steps of a decoding loop. */
    private static final int LOOP_STEPS = 16;
    /** The early-exit model goes on to the end with uniform noise at this confidence. */
    private static final double EXIT_CONFIDENCE = 0.3;

    private SyntheticInputs() {}

    /**
     * One tensor for each input, over direct buffers; the caller closes them.
     *
     * @param inputs types by name, all dimensions bound
     * @throws OrtException when ONNX Runtime refuses a tensor; those made before it are closed
     * @throws IllegalArgumentException when the JVM has no room for one; those made before it are closed
     */
    public static Map<String, OnnxTensor> create(OrtEnvironment environment, Map<String, TensorType> inputs, long seed)
            throws OrtException {
        return create(environment, inputs, seed, false);
    }

    /** The same with masks as padding makes them: each row ends in zeros after a number of ones drawn by chance, at least one. */
    public static Map<String, OnnxTensor> createPadded(OrtEnvironment environment, Map<String, TensorType> inputs, long seed)
            throws OrtException {
        return create(environment, inputs, seed, true);
    }

    private static Map<String, OnnxTensor> create(OrtEnvironment environment, Map<String, TensorType> inputs, long seed, boolean padded)
            throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, TensorType> input : new TreeMap<>(inputs).entrySet()) {
                TensorType type = input.getValue();
                SplittableRandom random = new SplittableRandom(31 * seed + input.getKey().hashCode());
                ByteBuffer content = content(input.getKey(), type, random);
                if (padded && isMask(input.getKey().toLowerCase(Locale.ROOT)) && type.rank() > 0) {
                    pad(content, type, random);
                }
                tensors.put(
                        input.getKey(),
                        OnnxTensor.createTensor(environment, content, type.shape(), javaType(input.getKey(), type.elementType())));
            }
        } catch (OrtException | RuntimeException e) {
            tensors.values().forEach(OnnxTensor::close);
            throw e;
        }
        return tensors;
    }

    /** The bytes of one input: a direct buffer in native order, position 0, limit at its size. */
    static ByteBuffer content(String name, TensorType type, SplittableRandom random) {
        ByteBuffer content;
        try {
            content = ByteBuffer.allocateDirect(Math.toIntExact(type.bytes())).order(ByteOrder.nativeOrder());
        } catch (OutOfMemoryError e) {
            throw new IllegalArgumentException("the input '" + name + "' (" + type + ") takes " + type.bytes()
                    + " bytes, more than this JVM gives in direct buffers; bind smaller dimensions, or raise -Xmx or -XX:MaxDirectMemorySize", e);
        }
        DoubleSupplier values = values(name.toLowerCase(Locale.ROOT), type, random);
        for (long i = type.elements(); i > 0; i--) {
            put(content, type.elementType(), values.getAsDouble());
        }
        return content.flip();
    }

    private static DoubleSupplier values(String name, TensorType type, SplittableRandom random) {
        boolean real = switch (type.elementType()) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
            case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, BOOL -> false;
        };
        if (isMask(name)) {
            return () -> 1;
        }
        if (real && name.contains("threshold")) {
            return () -> EXIT_CONFIDENCE;
        }
        if (real && (name.contains("image") || name.contains("pixel"))) {
            return random::nextDouble;
        }
        if (real && name.equals("x") && type.rank() == 4) {
            return new TextPage(type.dimensions().get(2), type.dimensions().get(3), random);
        }
        if (real) {
            return random::nextGaussian;
        }
        if (name.contains("token_type") || name.contains("segment_ids")) {
            return () -> 0;
        }
        if (name.contains("position")) {
            long length = type.rank() == 0 ? 1 : type.dimensions().get(type.rank() - 1);
            long[] next = {0};
            return () -> next[0]++ % length;
        }
        if (name.endsWith("ids") || name.contains("token")) {
            return () -> SMALLEST_TOKEN + random.nextInt(TOKENS);
        }
        if (name.contains("max_len") || name.contains("steps")) {
            return () -> LOOP_STEPS;
        }
        if (name.equals("eos")) {
            // No token has this id: the loop runs its full length, so that runs can be compared.
            return () -> -1;
        }
        if (type.rank() == 4) {
            // A quantised image.
            return () -> random.nextInt(128);
        }
        // Flags such as use_cache_branch, start tokens, counts: one is valid for all.
        return () -> 1;
    }

    private static boolean isMask(String name) {
        return name.contains("mask");
    }

    private static void pad(ByteBuffer content, TensorType type, SplittableRandom random) {
        int row = Math.toIntExact(type.dimensions().get(type.rank() - 1));
        int element = type.elementType().bytes();
        for (int start = 0; row > 0 && start < content.limit(); start += row * element) {
            for (int position = start + (1 + random.nextInt(row)) * element; position < start + row * element; position++) {
                content.put(position, (byte) 0);
            }
        }
    }

    private static void put(ByteBuffer content, ElementType type, double value) {
        switch (type) {
            case FLOAT -> content.putFloat((float) value);
            case DOUBLE -> content.putDouble(value);
            case FLOAT16 -> content.putShort(Fp16Conversions.floatToFp16((float) value));
            case BFLOAT16 -> content.putShort(Fp16Conversions.floatToBf16((float) value));
            case INT64, UINT64 -> content.putLong((long) value);
            case INT32, UINT32 -> content.putInt((int) value);
            case INT16, UINT16 -> content.putShort((short) value);
            case INT8, UINT8, BOOL -> content.put((byte) value);
        }
    }

    private static OnnxJavaType javaType(String input, ElementType type) {
        return switch (type) {
            case FLOAT -> OnnxJavaType.FLOAT;
            case DOUBLE -> OnnxJavaType.DOUBLE;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case BFLOAT16 -> OnnxJavaType.BFLOAT16;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case INT16 -> OnnxJavaType.INT16;
            case INT8 -> OnnxJavaType.INT8;
            case UINT8 -> OnnxJavaType.UINT8;
            case BOOL -> OnnxJavaType.BOOL;
            case UINT16, UINT32, UINT64 -> throw new IllegalArgumentException(
                    "the input '" + input + "' is of type " + type + ", which ONNX Runtime for Java cannot be fed");
        };
    }
}
