package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SoftmaxAcrossTest {
    /** Exponentials of such numbers would not fit a float. */
    private static final float FAR = 300;

    @TempDir
    Path folder;

    private PreparedModel prepare(long opset, long axis, String... shape) {
        OnnxFixture model = new OnnxFixture().opset(opset).input("x", shape).initializer(OnnxFixture.floats("far", List.of(), FAR))
                .node("Mul", List.of("x", "far"), List.of("y"))
                .node("Softmax", List.of("y"), List.of("out"), RewriteFixture.integer("axis", axis)).output("out");
        return RewriteFixture.prepare(model, folder);
    }

    private static int places(PreparedModel model) {
        return RewriteFixture.places(model, new SoftmaxAcross());
    }

    @ParameterizedTest
    @CsvSource({"13,1", "17,-2", "18,1"})
    void saysTheSameOfAnyMagnitude(long opset, long axis) {
        PreparedModel model = prepare(opset, axis, "2", "16", "2048");

        assertEquals(1, places(model));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(model));
    }

    @Test
    void leavesTheLastAxisAlone() {
        assertEquals(0, places(prepare(17, -1, "2", "16", "2048")));
    }

    @Test
    void leavesSmallTensorsAlone() {
        assertEquals(0, places(prepare(17, 1, "2", "16", "100")));
    }

    @Test
    void leavesTheSoftmaxOfOldModelsAloneWhichTakesSeveralAxesAtOnce() {
        assertEquals(0, places(prepare(11, 1, "2", "16", "2048")));
    }
}
