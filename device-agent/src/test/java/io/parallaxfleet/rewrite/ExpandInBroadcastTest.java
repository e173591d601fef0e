package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpandInBroadcastTest {
    private static final Rewrite RULE = new ExpandInBroadcast();

    @TempDir
    Path folder;

    private static OnnxFixture expanded(String... other) {
        return new OnnxFixture().input("x", other).input("y", "4", "1").initializer(RewriteFixture.integers("shape", 4, 6))
                .node("Expand", List.of("y", "shape"), List.of("wide"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Add", "Sub", "Mul", "Div"})
    void readsWhatIsExpandedDirectlyAndBitForBit(String operator) {
        PreparedModel model = RewriteFixture.prepare(
                expanded("4", "6").node(operator, List.of("x", "wide"), List.of("out")).output("out"), folder);

        assertEquals(1, RewriteFixture.places(model, RULE));
        assertEquals(new RewriteCheck.Verdict.Same(0), RewriteFixture.verdict(model));
    }

    @Test
    void keepsAnExpandThatGivesTheResultItsShape() {
        PreparedModel model = RewriteFixture.prepare(
                expanded("4", "1").node("Add", List.of("x", "wide"), List.of("out")).output("out"), folder);

        assertEquals(0, RewriteFixture.places(model, RULE));
    }

    @Test
    void keepsAnExpandForReadersThatDoNotBroadcast() {
        PreparedModel model = RewriteFixture.prepare(
                expanded("4", "6").node("Concat", List.of("x", "wide"), List.of("out"), RewriteFixture.integer("axis", 0)).output("out"), folder);

        assertEquals(0, RewriteFixture.places(model, RULE));
    }

    @Test
    void keepsTheExpandWhereOthersReadItToo() {
        PreparedModel model = RewriteFixture.prepare(
                expanded("4", "6").node("Mul", List.of("wide", "x"), List.of("out")).output("out").output("wide"), folder);

        assertEquals(1, RewriteFixture.places(model, RULE));
        assertEquals(new RewriteCheck.Verdict.Same(0), RewriteFixture.verdict(model));
    }
}
