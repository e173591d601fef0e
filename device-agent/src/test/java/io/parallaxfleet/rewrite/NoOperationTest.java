package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoOperationTest {
    private static final Rewrite RULE = new NoOperation();

    @TempDir
    Path folder;

    private static OnnxFixture square() {
        return new OnnxFixture().input("x", "4", "6").node("Relu", List.of("x"), List.of("positive"));
    }

    private PreparedModel prepare(OnnxFixture model) {
        return RewriteFixture.prepare(model.node("Sigmoid", List.of("changed"), List.of("out")).output("out"), folder);
    }

    private static OnnxFixture padded(long... pads) {
        return square().initializer(RewriteFixture.integers("pads", pads)).node("Pad", List.of("positive", "pads"), List.of("changed"));
    }

    /** Of the last axis, from a start to an end by steps. */
    private static OnnxFixture sliced(long start, long end, long step) {
        return square().initializer(RewriteFixture.integers("start", start)).initializer(RewriteFixture.integers("end", end))
                .initializer(RewriteFixture.integers("axis", 1)).initializer(RewriteFixture.integers("step", step))
                .node("Slice", List.of("positive", "start", "end", "axis", "step"), List.of("changed"));
    }

    private void assertRemoved(OnnxFixture model) {
        PreparedModel prepared = prepare(model);
        assertEquals(1, RewriteFixture.places(prepared, RULE));
        assertEquals(new RewriteCheck.Verdict.Same(0), RewriteFixture.verdict(prepared));
    }

    @Test
    void removesAPadByNothing() {
        assertRemoved(padded(0, 0, 0, 0));
    }

    @Test
    void removesASliceOfEverything() {
        assertRemoved(sliced(0, 100, 1));
    }

    @Test
    void keepsAPadThatShifts() {
        assertEquals(0, RewriteFixture.places(prepare(padded(0, 1, 0, -1)), RULE));
    }

    @Test
    void keepsASliceBackwards() {
        assertEquals(0, RewriteFixture.places(prepare(sliced(-1, -100, -1)), RULE));
    }

    @Test
    void keepsASliceThatCuts() {
        assertEquals(0, RewriteFixture.places(prepare(sliced(1, 100, 1)), RULE));
    }
}
