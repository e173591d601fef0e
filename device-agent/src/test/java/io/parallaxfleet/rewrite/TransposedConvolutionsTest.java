package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.OnnxFixture;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransposedConvolutionsTest extends RuleScenario {
    private static final long CHANNELS = 24;

    TransposedConvolutionsTest() {
        super(new TransposedConvolutions());
        model.input("x", "1", "20", "6", "5");
    }

    private void enlarge(String from, String to, long inputs, long outputs, long window, long stride) {
        model.initializer(RewriteFixture.weights(to + ".w", inputs * outputs, inputs, outputs, window, window))
                .initializer(RewriteFixture.weights(to + ".b", 5, outputs))
                .node("ConvTranspose", List.of(from, to + ".w", to + ".b"), List.of(to), RewriteFixture.integers("strides", List.of(stride, stride)),
                        RewriteFixture.integers("kernel_shape", List.of(window, window)));
    }

    @ParameterizedTest
    @CsvSource({"2,2,1", "2,2,3", "3,2,1", "2,3,1"})
    void areDonePixelByPixel(long first, long second, long outputs) {
        enlarge("x", "y", 20, CHANNELS, first, first);
        enlarge("y", "out", CHANNELS, outputs, second, second);
        model.output("out");

        assertRewritten(1);
    }

    @Test
    void takeAlongWhatIsBetween() {
        enlarge("x", "y", 20, CHANNELS, 2, 2);
        // Of variances only the magnitude matters here.
        float[] variances = new float[(int) CHANNELS];
        Arrays.fill(variances, 0.7f);
        model.initializer(RewriteFixture.weights("c", 1, 1L, CHANNELS, 1L, 1L)).initializer(RewriteFixture.weights("scale", 2, CHANNELS))
                .initializer(RewriteFixture.weights("bias", 3, CHANNELS)).initializer(RewriteFixture.weights("mean", 4, CHANNELS))
                .initializer(OnnxFixture.floats("variance", List.of(CHANNELS), variances))
                .node("Add", List.of("y", "c"), List.of("shifted"))
                .node("BatchNormalization", List.of("shifted", "scale", "bias", "mean", "variance"), List.of("normalised"))
                .node("Relu", List.of("normalised"), List.of("z"));
        enlarge("z", "out", CHANNELS, 1, 2, 2);
        model.output("out");

        assertRewritten(1);
    }

    @Test
    void stayWhereWindowsOverlap() {
        enlarge("x", "y", 20, CHANNELS, 3, 2);
        enlarge("y", "out", CHANNELS, 1, 2, 2);
        model.output("out");

        assertRewritten(0);
    }

    @Test
    void stayWhereOthersReadWhatIsBetween() {
        enlarge("x", "y", 20, CHANNELS, 2, 2);
        enlarge("y", "out", CHANNELS, 1, 2, 2);
        model.output("out").output("y");

        assertRewritten(0);
    }

    @Test
    void stayWhereSomethingElseIsBetween() {
        enlarge("x", "y", 20, CHANNELS, 2, 2);
        model.node("Sigmoid", List.of("y"), List.of("z"));
        enlarge("z", "out", CHANNELS, 1, 2, 2);
        model.output("out");

        assertRewritten(0);
    }

    @Test
    void stayWhereTheSecondWouldMultiplyManyZeros() {
        enlarge("x", "y", 20, CHANNELS, 2, 2);
        enlarge("y", "out", CHANNELS, 8, 2, 2);
        model.output("out");

        assertRewritten(0);
    }
}
