package io.parallaxfleet.rewrite;

import io.parallaxfleet.graph.proto.AttributeProto;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowProductTest extends RuleScenario {
    private static final AttributeProto TRANSPOSED = RewriteFixture.integer("transB", 1);

    RowProductTest() {
        super(new RowProduct());
        model.initializer(RewriteFixture.weights("w", 1, 1000L, 128L)).initializer(RewriteFixture.weights("b", 2, 1000L));
    }

    @Test
    void readsThePixelThatWasFlattened() {
        model.input("x", "1", "128", "4", "4").node("GlobalAveragePool", List.of("x"), List.of("mean")).node("Flatten", List.of("mean"), List.of("row"))
                .node("Gemm", List.of("row", "w", "b"), List.of("out"), TRANSPOSED).output("out");

        assertRewritten(1);
    }

    @Test
    void makesAPixelOfAnyRow() {
        model.input("x", "1", "128").node("Gemm", List.of("x", "w"), List.of("out"), TRANSPOSED).output("out");

        assertRewritten(1);
    }

    @Test
    void leavesSeveralRowsAlone() {
        model.input("x", "2", "128").node("Gemm", List.of("x", "w", "b"), List.of("out"), TRANSPOSED).output("out");

        assertRewritten(0);
    }

    @ParameterizedTest
    @CsvSource({"alpha", "beta"})
    void leavesAFactorAlone(String factor) {
        model.input("x", "1", "128").node("Gemm", List.of("x", "w", "b"), List.of("out"), TRANSPOSED, NodeReading.attribute(factor, 2f)).output("out");

        assertRewritten(0);
    }

    @Test
    void leavesWeightsAloneThatLieTheOtherWay() {
        model.input("x", "1", "1000").node("Gemm", List.of("x", "w"), List.of("out")).output("out");

        assertRewritten(0);
    }
}
