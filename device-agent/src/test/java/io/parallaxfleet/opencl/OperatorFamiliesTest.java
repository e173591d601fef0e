package io.parallaxfleet.opencl;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each operator family against ONNX Runtime's own kernels. Shapes are drawn, odd ones on purpose. */
class OperatorFamiliesTest {
    private static OpenClAccelerator device;

    @BeforeAll
    static void open() {
        device = RequiredDevice.open();
    }

    @AfterAll
    static void close() {
        if (device != null) {
            device.close();
        }
    }

    private static SplittableRandom random(Object... seed) {
        return new SplittableRandom(List.of(seed).hashCode());
    }

    private static int pick(SplittableRandom random, int... values) {
        return values[random.nextInt(values.length)];
    }

    @ParameterizedTest(name = "draw {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    @DisplayName("convolutions with any filter, stride, dilation, padding and groups")
    void convolutions(int draw) throws OrtException {
        SplittableRandom random = random("conv", draw);
        int groups = pick(random, 1, 1, 2, 4);
        boolean depthwise = random.nextInt(4) == 0;
        int in = depthwise ? groups * 3 : groups * random.nextInt(1, 7);
        groups = depthwise ? in : groups;
        int out = groups * random.nextInt(1, depthwise ? 3 : 11);
        int[] kernel = {pick(random, 1, 2, 3, 5), pick(random, 1, 3, 3, 7)};
        int[] strides = {pick(random, 1, 1, 2, 3), pick(random, 1, 1, 2, 3)};
        int[] dilations = {pick(random, 1, 1, 2), pick(random, 1, 1, 3)};
        int[] pads = random.ints(4, 0, 3).toArray();
        int height = dilations[0] * (kernel[0] - 1) + 1 + random.nextInt(0, 40);
        int width = dilations[1] * (kernel[1] - 1) + 1 + random.nextInt(0, 70);
        List<String> inputs = new ArrayList<>(List.of("x", "w"));
        Fragment fragment = new Fragment(random).input("x", pick(random, 1, 1, 2), in, height, width)
                .constant("w", out, in / groups, kernel[0], kernel[1]);
        if (random.nextBoolean()) {
            fragment.constant("b", out);
            inputs.add("b");
        }
        fragment.node("Conv", inputs, List.of("y"), Map.of("kernel_shape", kernel, "strides", strides, "dilations", dilations,
                "pads", pads, "group", groups)).check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"SAME_UPPER", "SAME_LOWER", "VALID"})
    @DisplayName("convolutions and poolings that pad by themselves")
    void automaticPadding(String mode) throws OrtException {
        Fragment fragment = new Fragment(random(mode)).input("x", 1, 3, 17, 22).constant("w", 5, 3, 3, 4);
        fragment.node("Conv", List.of("x", "w"), List.of("c"), Map.of("strides", new int[] {2, 3}, "auto_pad", mode))
                .node("MaxPool", List.of("c"), List.of("y"), Map.of("kernel_shape", new int[] {2, 3}, "auto_pad", mode))
                .check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"Relu,", "Sigmoid,", "Tanh,", "LeakyRelu,0.2", "Clip,-0.5 0.7", "HardSigmoid,0.3 0.4"})
    @DisplayName("fused convolutions with an activation and a summed input")
    void fusedConvolutions(String activation, String parameters) throws OrtException {
        SplittableRandom random = random(activation);
        Map<String, Object> attributes = new HashMap<>(Map.of("activation", activation, "pads", new int[] {1, 1, 1, 1}));
        if (parameters != null) {
            String[] parts = parameters.split(" ");
            float[] values = new float[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[i] = Float.parseFloat(parts[i]);
            }
            attributes.put("activation_params", values);
        }
        new Fragment(random).input("x", 1, 6, 9, 14).constant("w", 11, 6, 3, 3).constant("b", 11).input("z", 1, 11, 9, 14)
                .node("com.microsoft.FusedConv", List.of("x", "w", "b", "z"), List.of("y"), attributes).check(device, "y");
        new Fragment(random).input("x", 2, 19, 1, 1).constant("w", 37, 19, 1, 1).constant("b", 37)
                .node("com.microsoft.FusedConv", List.of("x", "w", "b"), List.of("y"), Map.of("activation", "Relu"))
                .check(device, "y");
    }

    @ParameterizedTest(name = "draw {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    @DisplayName("convolutions in one dimension")
    void lines(int draw) throws OrtException {
        SplittableRandom random = random("line", draw);
        int kernel = random.nextInt(1, 6);
        new Fragment(random).input("x", 1, 5, 40 + random.nextInt(60)).constant("w", 9, 5, kernel).constant("b", 9)
                .node("Conv", List.of("x", "w", "b"), List.of("y"),
                        Map.of("strides", new int[] {random.nextInt(1, 4)}, "pads", new int[] {1, 2}))
                .check(device, "y");
    }

    @ParameterizedTest(name = "draw {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("matrix products with constant and computed operands, in batches and broadcast")
    void matrixProducts(int draw) throws OrtException {
        SplittableRandom random = random("product", draw);
        int m = random.nextInt(1, 40);
        int k = random.nextInt(1, 70);
        int n = random.nextInt(1, 100);
        new Fragment(random).input("a", 2, 3, m, k).input("b", 2, 3, k, n).node("MatMul", List.of("a", "b"), "y").check(device, "y");
        new Fragment(random).input("a", 2, m, k).constant("b", k, n).node("MatMul", List.of("a", "b"), "y").check(device, "y");
        new Fragment(random).input("a", m, k).input("b", 4, k, n).node("MatMul", List.of("a", "b"), "y").check(device, "y");
        new Fragment(random).input("a", 3, m, k).input("b", 1, k, n).node("MatMul", List.of("a", "b"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "transA {0}, transB {1}")
    @CsvSource({"0,0", "0,1", "1,0", "1,1"})
    @DisplayName("scaled and transposed products")
    void transposedProducts(int transA, int transB) throws OrtException {
        SplittableRandom random = random("transposed", transA, transB);
        int m = 13;
        int k = 21;
        int n = 35;
        int[] a = transA == 0 ? new int[] {m, k} : new int[] {k, m};
        int[] b = transB == 0 ? new int[] {k, n} : new int[] {n, k};
        Map<String, Object> flags = Map.of("transA", transA, "transB", transB, "alpha", 0.37f);
        Map<String, Object> gemm = new HashMap<>(flags);
        gemm.put("beta", 1.7f);
        for (int[] c : new int[][] {{n}, {1, n}, {m, 1}, {m, n}, {1}}) {
            new Fragment(random).input("a", a).constant("b", b).constant("c", c)
                    .node("Gemm", List.of("a", "b", "c"), List.of("y"), gemm).check(device, "y");
        }
        Map<String, Object> activated = new HashMap<>(gemm);
        activated.put("activation", "Relu");
        new Fragment(random).input("a", a).input("b", b).input("c", n)
                .node("com.microsoft.FusedGemm", List.of("a", "b", "c"), List.of("y"), activated).check(device, "y");
        new Fragment(random).input("a", 2, 3, a[0], a[1]).input("b", 2, 3, b[0], b[1])
                .node("com.microsoft.FusedMatMul", List.of("a", "b"), List.of("y"), flags).check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Relu", "Sigmoid", "Tanh", "Erf", "Exp", "Neg", "Abs", "Floor", "Ceil", "Softplus", "HardSwish",
        "LeakyRelu", "HardSigmoid", "Elu", "Clip", "com.microsoft.QuickGelu", "com.microsoft.Gelu", "com.microsoft.FastGelu"})
    @DisplayName("functions of one element")
    void unary(String kind) throws OrtException {
        Fragment fragment = new Fragment(random(kind));
        float[] values = fragment.normal(3 * 7 * 11);
        for (int i = 0; i < values.length; i++) {
            values[i] *= i % 3 == 0 ? 0.05f : i % 3 == 1 ? 1 : 6;
        }
        fragment.input("x", values, 3, 7, 11).node(kind, List.of("x"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Sqrt", "Log", "Reciprocal"})
    @DisplayName("functions of one positive element")
    void unaryOfPositive(String kind) throws OrtException {
        Fragment fragment = new Fragment(random(kind));
        fragment.input("x", fragment.positive(203), 7, 29).node(kind, List.of("x"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Pow", "Min", "Max", "PRelu"})
    @DisplayName("operators of two tensors, whatever is broadcast")
    void binary(String kind) throws OrtException {
        int[][][] shapes = {{{5, 37}, {5, 37}}, {{2, 3, 19}, {19}}, {{2, 3, 19}, {3, 1}}, {{2, 3, 4, 5}, {2, 1, 4, 1}}, {{4, 33}, {}},
            {{1, 17}, {6, 1}}, {{6, 1, 8}, {3, 6, 1, 8}}};
        for (int[][] pair : shapes) {
            boolean oneWay = kind.equals("PRelu");
            if (oneWay && !Shapes.broadcastable(pair[1], pair[0])) {
                continue;
            }
            Fragment fragment = new Fragment(random(kind, pair.length));
            float[] left = kind.equals("Pow") ? fragment.positive(Shapes.elements(pair[0])) : fragment.normal(Shapes.elements(pair[0]));
            float[] right = kind.equals("Div") ? fragment.positive(Shapes.elements(pair[1])) : fragment.normal(Shapes.elements(pair[1]));
            fragment.input("a", left, pair[0]).input("b", right, pair[1]).node(kind, List.of("a", "b"), "y").check(device, "y");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"com.microsoft.BiasGelu", "com.microsoft.FastGelu"})
    @DisplayName("activations with a bias")
    void biased(String kind) throws OrtException {
        new Fragment(random(kind)).input("x", 3, 5, 44).constant("b", 44).node(kind, List.of("x", "b"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "axis {0}")
    @ValueSource(ints = {0, 1, 2, 3, -1})
    @DisplayName("softmax along every axis")
    void softmax(int axis) throws OrtException {
        new Fragment(random("softmax", axis)).input("x", 3, 18, 5, 35)
                .node("Softmax", List.of("x"), List.of("y"), Map.of("axis", axis)).check(device, "y");
    }

    @ParameterizedTest(name = "width {0}")
    @ValueSource(ints = {5, 16, 77, 384})
    @DisplayName("layer normalisation and its skip forms")
    void layerNormalization(int width) throws OrtException {
        SplittableRandom random = random("layer", width);
        new Fragment(random).input("x", 2, 7, width).constant("s", width).constant("b", width)
                .node("LayerNormalization", List.of("x", "s", "b"), List.of("y"), Map.of("epsilon", 1e-4f)).check(device, "y");
        new Fragment(random).input("x", 2, 3, width).constant("s", 3, width)
                .node("LayerNormalization", List.of("x", "s"), List.of("y"), Map.of("axis", 1)).check(device, "y");
        new Fragment(random).input("x", 2, 7, width).input("skip", 2, 7, width).constant("g", width).constant("b", width)
                .constant("bias", width)
                .node("com.microsoft.SkipLayerNormalization", List.of("x", "skip", "g", "b", "bias"), List.of("y", "", "", "sum"),
                        Map.of("epsilon", 1e-5f))
                .check(device, List.of("y", "sum"));
        new Fragment(random).input("x", 2, 7, width).input("skip", 7, width).constant("g", width)
                .node("com.microsoft.SkipLayerNormalization", List.of("x", "skip", "g"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "draw {0}")
    @ValueSource(ints = {1, 2, 3})
    @DisplayName("batch normalisation")
    void batchNormalization(int draw) throws OrtException {
        Fragment fragment = new Fragment(random("batch", draw));
        int channels = 3 + 4 * draw;
        fragment.input("x", draw, channels, 6, 11).constant("s", channels).constant("b", channels).constant("m", channels)
                .constant("v", fragment.positive(channels), channels)
                .node("BatchNormalization", List.of("x", "s", "b", "m", "v"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "draw {0}")
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    @DisplayName("pooling with any window, rounding and way to count the border")
    void pooling(int draw) throws OrtException {
        SplittableRandom random = random("pool", draw);
        int[] kernel = {random.nextInt(2, 5), random.nextInt(2, 6)};
        Map<String, Object> window = new HashMap<>(Map.of("kernel_shape", kernel,
                "strides", new int[] {random.nextInt(1, 4), random.nextInt(1, 4)},
                "pads", new int[] {random.nextInt(2), random.nextInt(2), random.nextInt(2), random.nextInt(2)},
                "ceil_mode", random.nextInt(2)));
        int[] shape = {random.nextInt(1, 3), random.nextInt(1, 6), 11 + random.nextInt(30), 13 + random.nextInt(50)};
        new Fragment(random).input("x", shape).node("MaxPool", List.of("x"), List.of("y"), window).check(device, "y");
        window.put("count_include_pad", random.nextInt(2));
        new Fragment(random).input("x", shape).node("AveragePool", List.of("x"), List.of("y"), window).check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare"})
    @DisplayName("reductions over neighbouring and other axes, with and without their dimensions")
    void reductions(String kind) throws OrtException {
        for (int[] axes : new int[][] {{3}, {-1, -2}, {0}, {1, 2}, {0, 3}, {1, 3}, {0, 1, 2, 3}}) {
            for (int keep = 0; keep < 2; keep++) {
                new Fragment(random(kind, keep)).input("x", 3, 4, 5, 37)
                        .node(kind, List.of("x"), List.of("y"), Map.of("axes", axes, "keepdims", keep)).check(device, "y");
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"GlobalAveragePool", "GlobalMaxPool"})
    @DisplayName("global pooling")
    void globalPooling(String kind) throws OrtException {
        new Fragment(random(kind)).input("x", 2, 5, 7, 9).node(kind, List.of("x"), "y").check(device, "y");
    }
}
