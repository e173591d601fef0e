package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockedLayoutTest extends RuleScenario {
    /** Of an output's magnitude: the order of additions may differ where ONNX Runtime would have taken another kernel. */
    private static final double ROUNDING = 1e-6;

    private static final OptionalInt BLOCK = ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment());

    BlockedLayoutTest() {
        super(new BlockedLayout(BLOCK));
        model.input("x", "1", "32", "9", "7");
    }

    @BeforeEach
    void needsBlockedKernels() {
        assumeTrue(BLOCK.isPresent(), "this processor has no blocked convolutions");
    }

    private BlockedLayoutTest convolution(String from, String to, long inputs, long outputs) {
        model.initializer(RewriteFixture.weights(to + ".w", inputs + outputs, outputs, inputs, 3L, 3L))
                .initializer(RewriteFixture.weights(to + ".b", outputs, outputs))
                .node("Conv", List.of(from, to + ".w", to + ".b"), List.of(to), RewriteFixture.integers("pads", List.of(1L, 1L, 1L, 1L)));
        return this;
    }

    private static void assertSame(PreparedModel prepared) {
        RewriteCheck.Verdict.Same same = assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(prepared));
        assertTrue(same.largestDifference() <= ROUNDING, same::describe);
    }

    @ParameterizedTest
    @ValueSource(longs = {32, 24, 12, 6})
    void scalesChannelsByWhatIsComputedFromThem(long channels) {
        convolution("x", "y", 32, channels);
        model.node("GlobalAveragePool", List.of("y"), List.of("mean")).node("Sigmoid", List.of("mean"), List.of("factor"))
                .node("Mul", List.of("y", "factor"), List.of("scaled"));
        convolution("scaled", "out", channels, 16);
        model.output("out");

        PreparedModel prepared = prepare();

        assertEquals(1, places(prepared));
        assertSame(prepared);
        assertEquals(2, operators(prepared, "Reorder"), "only at the ends");
    }

    @Test
    void makesASumWithWhatWasScaledInOneStep() {
        convolution("x", "y", 32, 32);
        model.node("GlobalAveragePool", List.of("y"), List.of("mean")).node("HardSigmoid", List.of("mean"), List.of("factor"))
                .node("Mul", List.of("factor", "y"), List.of("scaled")).node("Add", List.of("y", "scaled"), List.of("sum"));
        convolution("sum", "out", 32, 16);
        model.output("out");

        PreparedModel prepared = prepare();

        assertEquals(1, places(prepared));
        assertSame(prepared);
    }

    @Test
    void splitsAndJoinsAtWholeBlocks() {
        convolution("x", "y", 32, 64);
        model.node("Split", List.of("y"), List.of("left", "right"), RewriteFixture.integer("axis", 1));
        convolution("right", "deep", 32, 32);
        model.node("Add", List.of("right", "deep"), List.of("sum"))
                .node("Concat", List.of("left", "right", "sum"), List.of("joined"), RewriteFixture.integer("axis", 1));
        convolution("joined", "out", 96, 16);
        model.output("out").output("sum");

        PreparedModel prepared = prepare();

        assertEquals(1, places(prepared));
        assertSame(prepared);
    }

    @Test
    void leavesASplitInsideABlockAlone() {
        convolution("x", "y", 32, 24);
        model.node("Split", List.of("y"), List.of("left", "right"), RewriteFixture.integer("axis", 1)).output("left").output("right");

        assertEquals(0, places(prepare()));
    }

    @ParameterizedTest
    @CsvSource({"Add,1", "Mul,1", "Sub,0", "Div,0"})
    void takesAConstantForEachChannelWhereItIsAConvolution(String operator, int places) {
        // The sum of both is what keeps ONNX Runtime from folding the constant into the convolution.
        convolution("x", "y", 32, 24);
        model.initializer(RewriteFixture.weights("c", 3, 1L, 24L, 1L, 1L)).node("Sigmoid", List.of("y"), List.of("z"))
                .node(operator, List.of("z", "c"), List.of("scaled")).node("Add", List.of("scaled", "y"), List.of("sum"));
        convolution("sum", "out", 24, 16);
        model.output("out");

        PreparedModel prepared = prepare();

        assertEquals(places, places(prepared));
        if (places > 0) {
            assertSame(prepared);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Add", "Mul", "Sub", "Div"})
    void takesOneConstantForAllElements(String operator) {
        convolution("x", "y", 32, 24);
        model.initializer(OnnxFixture.floats("c", List.of(), 3f)).node("Sigmoid", List.of("y"), List.of("z"))
                .node(operator, List.of("z", "c"), List.of("scaled")).node("Mul", List.of("scaled", "y"), List.of("product"));
        convolution("product", "out", 24, 16);
        model.output("out");

        PreparedModel prepared = prepare();

        assertEquals(1, places(prepared));
        assertSame(prepared);
    }

    @Test
    void doesNotDivideTheZerosThatFillABlock() {
        model.initializer(OnnxFixture.floats("c", List.of(), 3f));
        convolution("x", "y", 32, 24);
        model.node("Sigmoid", List.of("y"), List.of("z")).node("Mul", List.of("z", "c"), List.of("scaled"))
                .node("Div", List.of("scaled", "y"), List.of("quotient"));
        convolution("quotient", "out", 24, 16);
        model.output("out");

        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(prepare()));
    }

    @Test
    void cutsAConvolutionWhoseThreadsWouldGetUnlikeShares() {
        OnnxFixture wide = new OnnxFixture().input("x", "1", "32", "48", "48").initializer(RewriteFixture.weights("w", 1, 5L * BLOCK.getAsInt(), 32L, 3L, 3L))
                .initializer(RewriteFixture.weights("v", 2, 16L, 5L * BLOCK.getAsInt(), 1L, 1L))
                .node("Conv", List.of("x", "w"), List.of("y"), RewriteFixture.integers("pads", List.of(1L, 1L, 1L, 1L)))
                .node("Relu", List.of("y"), List.of("z")).node("Conv", List.of("z", "v"), List.of("out")).output("out");

        PreparedModel prepared = RewriteFixture.prepare(wide, folder);

        assertEquals(1, places(prepared));
        assertSame(prepared);
    }

    @Test
    void enlargesInTheLayout() {
        convolution("x", "y", 32, 32);
        model.initializer(OnnxFixture.floats("scales", List.of(4L), 1, 1, 2, 2)).initializer(OnnxFixture.floats("c", List.of(), 2f))
                .node("Resize", List.of("y", "", "scales"), List.of("large"), NodeReading.attribute("mode", "nearest"),
                        NodeReading.attribute("coordinate_transformation_mode", "asymmetric"), NodeReading.attribute("nearest_mode", "floor"))
                .node("MaxPool", List.of("large"), List.of("pooled"), RewriteFixture.integers("kernel_shape", List.of(2L, 2L)))
                .node("Add", List.of("pooled", "c"), List.of("shifted"));
        convolution("shifted", "out", 32, 16);
        model.output("out");

        PreparedModel prepared = prepare();

        assertEquals(1, places(prepared));
        assertSame(prepared);
    }

    @Test
    void leavesAModelAloneThatOnnxRuntimeLaysOutWhole() {
        convolution("x", "y", 32, 32);
        model.node("Relu", List.of("y"), List.of("z"));
        convolution("z", "out", 32, 32);
        model.output("out");

        assertEquals(0, places(prepare()));
    }

    @Test
    void leavesAModelWithoutConvolutionsAlone() {
        OnnxFixture plain = new OnnxFixture().input("x", "1", "32", "4", "4").node("Relu", List.of("x"), List.of("out")).output("out");

        assertEquals(0, places(RewriteFixture.prepare(plain, folder)));
    }
}
