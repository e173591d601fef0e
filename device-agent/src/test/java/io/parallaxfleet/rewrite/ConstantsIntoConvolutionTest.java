package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.OnnxFixture;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstantsIntoConvolutionTest extends RuleScenario {
    /** Ten channels of 6x5: blocked kernels take them no more than others do, so that the rule is alone. */
    ConstantsIntoConvolutionTest() {
        super(new ConstantsIntoConvolution());
        model.input("x", "1", "10", "6", "5")
                .initializer(RewriteFixture.weights("w", 1, 10L, 10L, 3L, 3L)).initializer(RewriteFixture.weights("b", 2, 10L))
                .initializer(OnnxFixture.floats("two", List.of(1L), 2f)).initializer(OnnxFixture.floats("three", List.of(), 3f));
    }

    private static List<Long> sides(long padding) {
        return List.of(padding, padding, padding, padding);
    }

    private void convolve(String from, String to, long padding) {
        model.node("Conv", List.of(from, "w", "b"), List.of(to), RewriteFixture.integers("pads", sides(padding)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Add", "Sub", "Mul", "Div"})
    void takesAConstantIntoTheConvolutionBefore(String operator) {
        convolve("x", "y", 1);
        model.node(operator, List.of("y", "two"), List.of("scaled")).node("Relu", List.of("scaled"), List.of("out")).output("out");

        assertRewritten(1);
    }

    @Test
    void subtractsFromAConstantInTheConvolutionBefore() {
        convolve("x", "y", 1);
        model.node("Sub", List.of("two", "y"), List.of("out")).output("out");

        assertRewritten(1);
    }

    @Test
    void takesScaleAndShiftIntoTheConvolutionsAfter() {
        model.node("Sigmoid", List.of("x"), List.of("s")).node("Mul", List.of("two", "s"), List.of("scaled"))
                .node("Add", List.of("scaled", "three"), List.of("shifted"));
        convolve("shifted", "left", 0);
        convolve("shifted", "right", 0);
        model.output("left").output("right");

        assertRewritten(2);
    }

    @Test
    void takesTheScaleAloneWhereZerosAreAddedAround() {
        model.node("Sigmoid", List.of("x"), List.of("s")).node("Mul", List.of("two", "s"), List.of("scaled"))
                .node("Add", List.of("scaled", "three"), List.of("shifted"));
        convolve("shifted", "out", 1);
        model.output("out");

        assertRewritten(1);
    }

    @Test
    void leavesAShiftAloneWhereZerosAreAddedAround() {
        model.node("Sigmoid", List.of("x"), List.of("s")).node("Add", List.of("s", "three"), List.of("shifted"));
        convolve("shifted", "out", 1);
        model.output("out");

        assertRewritten(0);
    }

    @Test
    void leavesAloneWhatOthersReadToo() {
        convolve("x", "y", 1);
        model.node("Mul", List.of("y", "two"), List.of("scaled")).output("scaled").output("y");

        assertRewritten(0);
    }

    @Test
    void leavesAConstantForEachChannelAlone() {
        model.initializer(RewriteFixture.weights("c", 5, 10L, 1L, 1L)).node("Sigmoid", List.of("x"), List.of("s"))
                .node("Mul", List.of("s", "c"), List.of("scaled"));
        convolve("scaled", "out", 0);
        model.output("out");

        assertRewritten(0);
    }
}
