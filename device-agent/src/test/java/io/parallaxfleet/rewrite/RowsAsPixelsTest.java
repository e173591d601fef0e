package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class RowsAsPixelsTest extends RuleScenario {
    private static final OptionalInt BLOCK = ChannelBlock.ofThisProcessor(OrtEnvironment.getEnvironment());

    RowsAsPixelsTest() {
        super(new RowsAsPixels(BLOCK));
        model.initializer(RewriteFixture.weights("w", 1, 64L, 96L)).initializer(RewriteFixture.weights("wide", 2, 64L, 70L))
                .initializer(RewriteFixture.weights("turned", 3, 96L, 64L)).initializer(RewriteFixture.weights("back", 4, 96L, 64L))
                .initializer(RewriteFixture.weights("b", 5, 96L)).initializer(RewriteFixture.weights("square", 6, 64L, 64L))
                .initializer(RewriteFixture.weights("root", 7, 64L, 64L))
                .initializer(RewriteFixture.integers("heads", 1, 20, 2, 32)).initializer(RewriteFixture.integers("merged", 1, 20, 64));
    }

    @BeforeEach
    void needsBlockedKernels() {
        assumeTrue(BLOCK.isPresent(), "this processor has no blocked convolutions");
    }

    @ParameterizedTest
    @CsvSource({"w,0", "turned,1"})
    void takeAProductWhicheverWayItsWeightsLie(String weights, long transposed) {
        model.input("x", "20", "64").node("Gemm", List.of("x", weights, "b"), List.of("out"), RewriteFixture.integer("transB", transposed)).output("out");

        assertRewritten(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"w", "wide"})
    void takeAProductWithoutABias(String weights) {
        model.input("x", "2", "10", "64").node("MatMul", List.of("x", weights), List.of("out")).output("out");

        assertRewritten(1);
    }

    @Test
    void stayInTheLayoutFromOneProductToTheNext() {
        model.input("x", "1", "20", "64").node("MatMul", List.of("x", "w"), List.of("y")).node("Relu", List.of("y"), List.of("z"))
                .node("MatMul", List.of("z", "back"), List.of("out")).output("out");

        PreparedModel prepared = prepare();

        assertRewritten(2, prepared);
        assertEquals(2, operators(prepared, "Reorder"), "only at the ends");
    }

    @Test
    void areBroughtIntoTheLayoutOnceForAllThatReadThem() {
        model.input("x", "1", "20", "64").initializer(RewriteFixture.integers("flat", 20, 64)).node("Sigmoid", List.of("x"), List.of("rows"))
                .node("Reshape", List.of("rows", "flat"), List.of("flattened"))
                .node("MatMul", List.of("rows", "w"), List.of("left")).node("Gemm", List.of("flattened", "w", "b"), List.of("right"))
                .output("left").output("right");

        PreparedModel prepared = prepare();

        assertRewritten(2, prepared);
        assertEquals(1, operators(prepared, "ReorderInput"));
    }

    @Test
    void areWrittenPlainForWhoeverReadsThemSo() {
        model.input("x", "1", "20", "64").node("MatMul", List.of("x", "w"), List.of("y")).node("Relu", List.of("y"), List.of("z"))
                .node("MatMul", List.of("z", "back"), List.of("out")).node("Add", List.of("x", "out"), List.of("sum"))
                .output("y").output("z").output("sum");

        assertRewritten(2);
    }

    @Test
    void leaveAndEnterTheLayoutWhereHeadsAreTransposed() {
        project("q", "square", List.of(0L, 2L, 1L, 3L));
        project("k", "root", List.of(0L, 2L, 3L, 1L));
        model.input("x", "1", "20", "64").initializer(RewriteFixture.weights("mask", 8, 20L, 20L)).initializer(OnnxFixture.floats("small", List.of(), 0.01f))
                .node("MatMul", List.of("q", "k"), List.of("products")).node("Mul", List.of("products", "small"), List.of("scores"))
                .node("Add", List.of("scores", "mask"), List.of("masked"))
                .node("Softmax", List.of("masked"), List.of("shares"), RewriteFixture.integer("axis", -1))
                .node("MatMul", List.of("shares", "q"), List.of("attended"))
                .node("Transpose", List.of("attended"), List.of("together"), RewriteFixture.integers("perm", List.of(0L, 2L, 1L, 3L)))
                .node("Reshape", List.of("together", "merged"), List.of("rows")).node("MatMul", List.of("rows", "w"), List.of("out")).output("out");

        PreparedModel prepared = prepare();

        assertRewritten(3, prepared);
        assertEquals(2, operators(prepared, "Reorder"), "the input's and the output's");
    }

    private void project(String name, String weights, List<Long> axes) {
        model.node("MatMul", List.of("x", weights), List.of(name + ".rows")).node("Reshape", List.of(name + ".rows", "heads"), List.of(name + ".heads"))
                .node("Transpose", List.of(name + ".heads"), List.of(name), RewriteFixture.integers("perm", axes));
    }

    @ParameterizedTest
    @CsvSource({"15,64", "20,48", "20,72"})
    void leaveFewRowsAndShortOnesAndThoseThatFillNoBlocksAlone(long count, long length) {
        model.input("x", Long.toString(count), Long.toString(length)).initializer(RewriteFixture.weights("v", 9, length, 96L))
                .node("MatMul", List.of("x", "v"), List.of("out")).output("out");

        assertRewritten(0);
    }

    @ParameterizedTest
    @CsvSource({"1,8192", "1,8200", "3,8192"})
    void mayBeFewWhereTheWeightsAreMany(long count, long outputs) {
        model.input("x", "1", Long.toString(count), "64").initializer(RewriteFixture.weights("vocabulary", 9, 64L, outputs))
                .node("Sigmoid", List.of("x"), List.of("y")).node("MatMul", List.of("y", "vocabulary"), List.of("out")).output("out");

        assertRewritten(1);
    }

    @Test
    void leaveAFactorAlone() {
        model.input("x", "20", "64").node("Gemm", List.of("x", "w", "b"), List.of("out"), NodeReading.attribute("alpha", 2f)).output("out");

        assertRewritten(0);
    }

    @Test
    void leaveComputedWeightsAlone() {
        model.input("x", "20", "64").input("y", "64", "96").node("MatMul", List.of("x", "y"), List.of("out")).output("out");

        assertRewritten(0);
    }
}
