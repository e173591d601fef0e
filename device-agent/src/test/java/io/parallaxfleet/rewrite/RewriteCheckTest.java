package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewriteCheckTest {
    @TempDir
    Path folder;

    private PreparedModel original;

    @BeforeEach
    void prepare() {
        original = RewriteFixture.prepare(masked(1), folder);
    }

    /** out = x * mask * factor. */
    private static OnnxFixture masked(float factor) {
        return new OnnxFixture().input("x", "2", "8").input("attention_mask", ElementType.INT64.onnxCode(), "2", "8")
                .initializer(OnnxFixture.floats("factor", List.of(), factor))
                .node("Cast", List.of("attention_mask"), List.of("mask"), RewriteFixture.integer("to", ElementType.FLOAT.onnxCode()))
                .node("Mul", List.of("x", "mask"), List.of("kept")).node("Mul", List.of("kept", "factor"), List.of("out")).output("out");
    }

    private RewriteCheck.Verdict verdict(OnnxFixture rewritten) {
        return verdict(rewritten.write(folder.resolve("rewritten.onnx")));
    }

    private RewriteCheck.Verdict verdict(Path rewritten) {
        return RewriteCheck.verdict(original, SessionSettings.of(1, Spinning.OFF), rewritten, OrtEnvironment.getEnvironment());
    }

    @Test
    void acceptsWhatDiffersByRounding() {
        assertInstanceOf(RewriteCheck.Verdict.Same.class, verdict(masked(1.00001f)));
    }

    @Test
    void refusesWhatDiffersByMore() {
        assertInstanceOf(RewriteCheck.Verdict.Refused.class, verdict(masked(1.001f)));
    }

    @Test
    void seesThatAMaskIsForgotten() {
        OnnxFixture forgetful = new OnnxFixture().input("x", "2", "8").input("attention_mask", ElementType.INT64.onnxCode(), "2", "8")
                .node("Identity", List.of("x"), List.of("out")).output("out");

        assertInstanceOf(RewriteCheck.Verdict.Refused.class, verdict(forgetful));
    }

    @Test
    void refusesAFileThatDoesNotOpen() throws Exception {
        RewriteCheck.Verdict verdict = verdict(Files.writeString(folder.resolve("rewritten.onnx"), "no model"));

        assertTrue(verdict.describe().startsWith("it could not be compared: "), verdict::describe);
    }
}
