package io.parallaxfleet.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.zoo.ModelSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dimensions of zero, which some operators of ONNX Runtime do not survive. */
class EmptyInputsTest {
    @TempDir
    Path folder;

    /** The largest of each row. */
    private Path largest() {
        TensorProto one = TensorProto.newBuilder().setName("one").setDataType(ElementType.INT64.onnxCode()).addDims(1).addInt64Data(1).build();
        return new OnnxFixture().input("x", "rows", "4").initializer(one).node("TopK", List.of("x", "one"), List.of("y", "places")).output("y")
                .write(folder.resolve("largest.onnx"));
    }

    @Test
    void areRefusedWhereAnOperatorDoesNotSurviveThem() {
        OpenDimensions open = OpenDimensions.of(largest());
        String message = assertThrows(IllegalArgumentException.class, () -> open.valuesFor(input -> new long[] {0, 4})).getMessage();

        assertTrue(message.contains("TopK") && message.contains("rows=0"), message);
        assertEquals(Map.of("rows", 3L), open.valuesFor(input -> new long[] {3, 4}));
    }

    @Test
    void alsoWhenTheyAreBound() {
        ModelSource source = new ModelSource("top", largest(), Map.of());
        String message = assertThrows(ModelFormatException.class,
                () -> ModelPreparation.prepare(source, Map.of("rows", 0L), folder.resolve("cache"))).getMessage();

        assertTrue(message.contains("TopK") || message.contains("rows"), message);
    }

    @Test
    void andNowhereElse() {
        Path relu = new OnnxFixture().input("x", "rows", "4").node("Relu", List.of("x"), List.of("y")).output("y").write(folder.resolve("relu.onnx"));

        assertEquals(Map.of("rows", 0L), OpenDimensions.of(relu).valuesFor(input -> new long[] {0, 4}));
    }
}
