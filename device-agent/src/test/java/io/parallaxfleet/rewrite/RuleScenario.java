package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** A small model that a test builds, and what one rule makes of it. */
abstract class RuleScenario {
    @TempDir
    Path folder;

    final OnnxFixture model = new OnnxFixture();
    private final Rewrite rule;

    RuleScenario(Rewrite rule) {
        this.rule = rule;
    }

    PreparedModel prepare() {
        return RewriteFixture.prepare(model, folder);
    }

    int places(PreparedModel prepared) {
        return RewriteFixture.places(prepared, rule);
    }

    /** That the rule matches so often, and that outputs agree where it does. */
    void assertRewritten(int places) {
        assertRewritten(places, prepare());
    }

    void assertRewritten(int places, PreparedModel prepared) {
        assertEquals(places, places(prepared));
        if (places > 0) {
            assertInstanceOf(RewriteCheck.Verdict.Same.class, RewriteFixture.verdict(prepared));
        }
    }

    /** Operators of the rewritten model whose type begins so. */
    static long operators(PreparedModel prepared, String type) {
        return OnnxModel.parse(RewrittenModel.of(prepared).orElseThrow().file()).getGraph().getNodeList().stream()
                .filter(node -> node.getOpType().startsWith(type)).count();
    }
}
