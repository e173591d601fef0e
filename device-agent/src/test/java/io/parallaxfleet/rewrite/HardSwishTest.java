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

class HardSwishTest {
    @TempDir
    Path folder;

    private PreparedModel prepare(float offset, float highest, String last, float divisor, String... alsoRead) {
        OnnxFixture model = new OnnxFixture().input("x", "2", "3", "40")
                .initializer(OnnxFixture.floats("offset", List.of(), offset)).initializer(OnnxFixture.floats("zero", List.of(), 0f))
                .initializer(OnnxFixture.floats("highest", List.of(), highest)).initializer(OnnxFixture.floats("divisor", List.of(), divisor))
                .initializer(OnnxFixture.floats("wide", List.of(), 4f)).node("Mul", List.of("x", "wide"), List.of("y"))
                .node("Add", List.of("y", "offset"), List.of("above")).node("Clip", List.of("above", "zero", "highest"), List.of("gate"))
                .node("Mul", List.of("y", "gate"), List.of("product")).node(last, List.of("product", "divisor"), List.of("out")).output("out");
        List.of(alsoRead).forEach(model::output);
        return RewriteFixture.prepare(model, folder);
    }

    private static int places(PreparedModel model) {
        return RewriteFixture.places(model, new HardSwish());
    }

    @ParameterizedTest
    @CsvSource({"Div,6", "Mul,0.16666667"})
    void isSaidInTwoOperators(String last, float divisor) {
        PreparedModel model = prepare(3, 6, last, divisor);

        assertEquals(1, places(model));
        assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(model));
    }

    @ParameterizedTest
    @CsvSource({"2,6,6", "3,5,6", "3,6,5"})
    void leavesOtherNumbersAlone(float offset, float highest, float divisor) {
        assertEquals(0, places(prepare(offset, highest, "Div", divisor)));
    }

    @Test
    void leavesAloneWhatOthersRead() {
        assertEquals(0, places(prepare(3, 6, "Div", 6, "gate")));
    }
}
