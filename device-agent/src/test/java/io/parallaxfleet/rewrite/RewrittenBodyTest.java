package io.parallaxfleet.rewrite;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RewrittenBodyTest extends RuleScenario {
    private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();
    private static final OptionalInt BLOCK = ChannelBlock.ofThisProcessor(ENVIRONMENT);
    private static final float TOLERANCE = 1e-3f;

    RewrittenBodyTest() {
        super(new RowsAsPixels(BLOCK));
        model.initializer(RewriteFixture.weights("w", 1, 64L, 96L)).initializer(RewriteFixture.weights("v", 2, 64L, 96L));
    }

    @BeforeEach
    void needsBlockedKernels() {
        assumeTrue(BLOCK.isPresent(), "this processor has no blocked convolutions");
    }

    private void choose(OnnxFixture taken, OnnxFixture other, String... outputs) {
        model.input("flag", ElementType.BOOL.onnxCode()).node("If", List.of("flag"), List.of(outputs),
                OnnxFixture.body("then_branch", taken), OnnxFixture.body("else_branch", other));
        List.of(outputs).forEach(model::output);
    }

    private static OnnxFixture product(String weights, String output) {
        return new OnnxFixture().node("MatMul", List.of("x", weights), List.of(output + ".rows")).node("Relu", List.of(output + ".rows"), List.of(output))
                .output(output);
    }

    @Test
    void bothBranchesAreRewrittenAndSayTheSame() throws OrtException {
        model.input("x", "1", "20", "64");
        choose(product("w", "left"), product("v", "right"), "out");

        PreparedModel prepared = prepare();

        assertRewritten(2, prepared);
        for (boolean flag : List.of(true, false)) {
            assertArrayEquals(run(prepared.originalModel(), flag), run(RewrittenModel.file(prepared), flag), TOLERANCE);
        }
    }

    private static float[] run(Path file, boolean flag) throws OrtException {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[20 * 64];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        try (OrtSession session = ENVIRONMENT.createSession(file.toString());
                OnnxTensor rows = OnnxTensor.createTensor(ENVIRONMENT, FloatBuffer.wrap(x), new long[] {1, 20, 64});
                OnnxTensor choice = OnnxTensor.createTensor(ENVIRONMENT, flag);
                OrtSession.Result result = session.run(Map.of("x", rows, "flag", choice))) {
            FloatBuffer content = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[] values = new float[content.remaining()];
            content.get(values);
            return values;
        }
    }

    @Test
    void convolutionsInsideAreLaidOut() {
        model.input("x", "1", "32", "9", "7").initializer(RewriteFixture.weights("kernel", 3, 32L, 32L, 3L, 3L));
        choose(new OnnxFixture().node("Conv", List.of("x", "kernel"), List.of("y")).node("Relu", List.of("y"), List.of("left")).output("left"),
                new OnnxFixture().node("Conv", List.of("x", "kernel"), List.of("right")).output("right"), "out");

        PreparedModel prepared = prepare();

        assertEquals(2, RewriteFixture.places(prepared, new BlockedLayout(BLOCK)));
        assertRewritten(0, prepared);
        assertEquals("outputs differ", RewriteFixture.verdict(prepared).describe().substring(0, 14));
    }

    @Test
    void whatCannotBeTriedByItselfIsLeftAlone() {
        model.input("x", "1", "20", "64").node("NonZero", List.of("x"), List.of("found"));
        choose(product("w", "left").node("Identity", List.of("found"), List.of("leftFound")).output("leftFound"),
                product("v", "right").node("Identity", List.of("found"), List.of("rightFound")).output("rightFound"), "out", "places");

        assertEquals(Optional.empty(), RewrittenModel.of(prepare()));
    }
}
