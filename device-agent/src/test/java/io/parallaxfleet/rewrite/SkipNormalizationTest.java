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
import org.junit.jupiter.params.provider.ValueSource;

class SkipNormalizationTest {
    private static final Rewrite RULE = new SkipNormalization();

    @TempDir
    Path folder;

    private PreparedModel prepare(OnnxFixture model) {
        return RewriteFixture.prepare(model, folder);
    }

    /** normalised = LayerNormalization(t), read through a Relu so that it is no output of the graph itself. */
    private static OnnxFixture normalising(OnnxFixture model, String tensor, long hidden, long axis) {
        return model.initializer(RewriteFixture.weights("scale", 1, hidden))
                .initializer(RewriteFixture.weights("bias", 2, hidden))
                .node("LayerNormalization", List.of(tensor, "scale", "bias"), List.of("normalised"), RewriteFixture.integer("axis", axis))
                .node("Relu", List.of("normalised"), List.of("out"))
                .output("out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5,16", "1,7,24", "3,4,32", "1,6,6,48"})
    void normalisesATensorOfAnyRank(String shape) {
        String[] dimensions = shape.split(",");
        long hidden = Long.parseLong(dimensions[dimensions.length - 1]);

        PreparedModel model = prepare(normalising(new OnnxFixture().input("x", dimensions), "x", hidden, -1));

        assertEquals(1, RewriteFixture.places(model, RULE));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(model));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1,7,24", "2,5,5,32"})
    void takesTheSumThatOthersReadToo(String shape) {
        String[] dimensions = shape.split(",");
        long hidden = Long.parseLong(dimensions[dimensions.length - 1]);
        OnnxFixture summed = new OnnxFixture().input("x", dimensions).input("y", dimensions)
                .node("Add", List.of("x", "y"), List.of("sum")).node("Sigmoid", List.of("sum"), List.of("beside")).output("beside").output("sum");

        PreparedModel model = prepare(normalising(summed, "sum", hidden, -1));

        assertEquals(1, RewriteFixture.places(model, RULE));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(model));
    }

    @Test
    void leavesANormalisationOverSeveralAxesAlone() {
        OnnxFixture model = new OnnxFixture().input("x", "2", "3", "8").initializer(RewriteFixture.weights("scale", 1, 3L, 8L))
                .node("LayerNormalization", List.of("x", "scale"), List.of("out"), RewriteFixture.integer("axis", 1)).output("out");

        assertEquals(0, RewriteFixture.places(prepare(model), RULE));
    }

    @Test
    void leavesANormalisationAloneWhoseMeanIsRead() {
        OnnxFixture model = new OnnxFixture().input("x", "2", "8").initializer(RewriteFixture.weights("scale", 1, 8L))
                .node("LayerNormalization", List.of("x", "scale"), List.of("out", "mean")).output("out").output("mean");

        assertEquals(0, RewriteFixture.places(prepare(model), RULE));
    }

    @Test
    void leavesAScaleAloneThatIsComputedFromTheSum() {
        OnnxFixture model = new OnnxFixture().input("x", "1", "8").input("y", "1", "8").initializer(RewriteFixture.integers("row", 8))
                .node("Add", List.of("x", "y"), List.of("sum")).node("Reshape", List.of("sum", "row"), List.of("scale"))
                .node("LayerNormalization", List.of("sum", "scale"), List.of("out")).output("out");

        assertEquals(0, RewriteFixture.places(prepare(model), RULE));
    }
}
