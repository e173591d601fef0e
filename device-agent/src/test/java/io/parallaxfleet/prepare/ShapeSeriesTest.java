package io.parallaxfleet.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.parallaxfleet.graph.OnnxFixture;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShapeSeriesTest {
    @TempDir
    Path folder;

    private Path model() {
        return new OnnxFixture().input("ids", "batch", "length").input("mask", "batch", "length").input("extra", "batch", "more")
                .node("Add", List.of("ids", "mask"), List.of("y")).output("y").write(folder.resolve("model.onnx"));
    }

    @Test
    void anInputGivesTheOpenDimensionsThatItSharesWithOthers() {
        assertEquals(
                List.of(Map.of("batch", 1L, "length", 32L, "more", 4L), Map.of("batch", 2L, "length", 64L, "more", 4L)),
                ShapeSeries.parse("ids:1x32,2x64").dimensions(model(), Map.of("more", 4L)));
    }

    @Test
    void severalInputsChangeTogether() {
        assertEquals(
                List.of(Map.of("batch", 1L, "length", 32L, "more", 5L), Map.of("batch", 1L, "length", 64L, "more", 6L)),
                ShapeSeries.parse("ids:1x32,1x64;extra:1x5,1x6").dimensions(model(), Map.of()));
    }

    @Test
    void anInputThatTheModelDoesNotHaveIsNamedBesideThoseItHas() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> ShapeSeries.parse("idz:1x32").dimensions(model(), Map.of()));
        assertTrue(refused.getMessage().contains("'idz'") && refused.getMessage().contains("mask"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1x32", "ids:", "ids:1xx2", "ids:0x4", "ids:-1x4", "ids:1x4;mask:1x4,1x8", "ids:1x4;ids:1x4", "ids:axb"})
    void whatIsNoSeriesIsRefusedWithItsSpelling(String text) {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ShapeSeries.parse(text)).getMessage().contains(";"));
    }
}
