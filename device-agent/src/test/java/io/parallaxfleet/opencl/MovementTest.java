package io.parallaxfleet.opencl;

import ai.onnxruntime.OrtException;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators that move or rename elements, against ONNX Runtime. */
class MovementTest {
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

    private static Fragment fragment(int seed) {
        return new Fragment(new SplittableRandom(seed));
    }

    @ParameterizedTest(name = "{0} {1} {2} {3}")
    @CsvSource({"0,2,1,3", "0,2,3,1", "3,2,1,0", "1,0,2,3", "0,1,3,2", "0,1,2,3"})
    @DisplayName("transposes with every kind of permutation")
    void transposes(int a, int b, int c, int d) throws OrtException {
        fragment(a + 4 * b).input("x", 2, 3, 5, 21).node("Transpose", List.of("x"), List.of("y"),
                Map.of("perm", new int[] {a, b, c, d})).check(device, "y");
    }

    @ParameterizedTest(name = "axis {0}")
    @ValueSource(ints = {0, 1, 2, -1})
    @DisplayName("concatenation of results, inputs and constants along every axis")
    void concatenates(int axis) throws OrtException {
        int[] second = {2, 3, 9};
        int[] third = {2, 3, 9};
        second[axis < 0 ? 2 : axis] = 4;
        third[axis < 0 ? 2 : axis] = 1;
        fragment(axis).input("a", 2, 3, 9).input("b", second).constant("c", third)
                .node("Relu", List.of("a"), "r").node("Exp", List.of("b"), "e")
                .node("Concat", List.of("r", "e", "a", "c", "r"), List.of("y"), Map.of("axis", axis)).check(device, "y");
    }

    @Test
    @DisplayName("a concatenation inside a concatenation, with parts that are outputs and read elsewhere")
    void nestedConcatenations() throws OrtException {
        fragment(3).input("x", 1, 6, 5, 7).constant("w", 4, 6, 1, 1)
                .node("Conv", List.of("x", "w"), "c").node("Relu", List.of("c"), "r")
                .node("Concat", List.of("r", "c"), List.of("inner"), Map.of("axis", 1))
                .node("Sigmoid", List.of("inner"), "s")
                .node("Concat", List.of("inner", "s", "x"), List.of("y"), Map.of("axis", 1))
                .check(device, List.of("y", "r"));
    }

    @ParameterizedTest(name = "axis {0}")
    @ValueSource(ints = {0, 1, 2})
    @DisplayName("splits along every axis")
    void splits(int axis) throws OrtException {
        fragment(axis).input("x", 1 + (axis == 0 ? 7 : 0), 8, 12).integers("sizes", axis == 2 ? new long[] {5, 1, 6} : new long[] {5, 1, 2})
                .node("Split", List.of("x", "sizes"), List.of("a", "b", "c"), Map.of("axis", axis))
                .node("Relu", List.of("b"), "r").check(device, List.of("a", "r", "c"));
    }

    @Test
    @DisplayName("slices with negative starts, steps and ends beyond the tensor")
    void slices() throws OrtException {
        fragment(1).input("x", 4, 9, 13).integers("starts", 1, -3, 100).integers("ends", 3, 1000, -1000)
                .integers("axes", 0, 1, 2).integers("steps", 1, 1, -2)
                .node("Slice", List.of("x", "starts", "ends", "axes", "steps"), "y").check(device, "y");
        fragment(2).input("x", 4, 9, 13).integers("starts", 1).integers("ends", 3).node("Slice", List.of("x", "starts", "ends"), "s")
                .node("Neg", List.of("s"), "y").check(device, "y");
    }

    @ParameterizedTest(name = "{0} {1}, factors {2} and {3}")
    @CsvSource({"asymmetric,floor,2,2", "asymmetric,floor,3,1", "half_pixel,round_prefer_floor,2,4"})
    @DisplayName("nearest resizing by whole factors")
    void resizes(String coordinates, String rounding, int y, int x) throws OrtException {
        fragment(y + x).input("x", 1, 3, 5, 9).constant("scales", new float[] {1, 1, y, x}, 4)
                .node("Resize", List.of("x", "", "scales"), List.of("y"),
                        Map.of("mode", "nearest", "coordinate_transformation_mode", coordinates, "nearest_mode", rounding))
                .check(device, "y");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"DCR", "CRD"})
    @DisplayName("depth to space in both orders, and back")
    void blocks(String mode) throws OrtException {
        fragment(4).input("x", 2, 12, 3, 5).node("DepthToSpace", List.of("x"), List.of("d"), Map.of("blocksize", 2, "mode", mode))
                .node("SpaceToDepth", List.of("d"), List.of("y"), Map.of("blocksize", 2)).check(device, List.of("d", "y"));
    }

    @Test
    @DisplayName("reshapes of an input, of a result and into an output are the same elements")
    void reinterprets() throws OrtException {
        fragment(5).input("x", 2, 3, 8).integers("shape", 6, -1).integers("axes", 0)
                .node("Reshape", List.of("x", "shape"), "flat").node("Relu", List.of("flat"), "r")
                .node("Unsqueeze", List.of("r", "axes"), "u").node("Squeeze", List.of("u", "axes"), "s")
                .node("Flatten", List.of("s"), "f").node("Identity", List.of("f"), "y")
                .check(device, List.of("flat", "u", "y"));
    }

    @Test
    @DisplayName("expansion and gathering one index")
    void expandsAndGathers() throws OrtException {
        fragment(6).input("x", 3, 1, 5).integers("shape", 2, 3, 4, 5).node("Expand", List.of("x", "shape"), "y").check(device, "y");
        for (int axis = 0; axis < 3; axis++) {
            fragment(7).input("x", 4, 6, 5).integers("index", -2).node("Gather", List.of("x", "index"), List.of("y"), Map.of("axis", axis))
                    .check(device, "y");
        }
    }
}
