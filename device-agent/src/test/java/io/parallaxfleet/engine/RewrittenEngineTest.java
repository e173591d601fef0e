package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.OutputDifference;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewriteCheck;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewrittenEngineTest {
    @TempDir
    Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    private PreparedModel prepare(OnnxFixture model) {
        return ModelPreparation.prepare(
                new ModelSource("model", model.write(folder.resolve("model.onnx")), Map.of()), Map.of(), folder.resolve("prepared"));
    }

    private EngineOptions options() {
        return EngineOptions.defaults(folder.resolve("prepared")).withThreads(2);
    }

    /** A normalised input, which the rules know. */
    private static OnnxFixture normalising() {
        float[] scale = new float[32];
        Arrays.fill(scale, 1.5f);
        return new OnnxFixture().input("x", "1", "6", "32").initializer(OnnxFixture.floats("scale", List.of(32L), scale))
                .node("LayerNormalization", List.of("x", "scale"), List.of("normalised"))
                .node("Tanh", List.of("normalised"), List.of("out")).output("out");
    }

    private Map<String, OnnxTensor> inputs(PreparedModel model) throws OrtException {
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        return SyntheticInputs.create(environment, types, 3);
    }

    @Test
    void runsTheRewrittenModelWithinTheTolerance() throws OrtException {
        PreparedModel model = prepare(normalising());
        Map<String, OnnxTensor> inputs = inputs(model);
        try (ParallaxEngine plain = ParallaxEngine.load(model, options().withExecution(Execution.ONE_SESSION));
                ParallaxEngine rewritten = ParallaxEngine.load(model, options().withExecution(Execution.REWRITTEN))) {
            OutputDifference reference = OutputDifference.from(plain.run(inputs).outputs());

            assertEquals(Execution.REWRITTEN, rewritten.plan().execution());
            for (int run = 0; run < 3; run++) {
                assertTrue(reference.of(rewritten.run(inputs).outputs()) <= RewriteCheck.TOLERANCE);
            }
            assertEquals(plain.plan().id() + "-rewritten", rewritten.plan().id());
        }
    }

    @Test
    void aModelInWhichNothingMatchesRunsAsItIs() {
        PreparedModel model = prepare(new OnnxFixture().input("x", "1", "6").node("Tanh", List.of("x"), List.of("out")).output("out"));
        try (ParallaxEngine engine = ParallaxEngine.load(model, options().withExecution(Execution.REWRITTEN))) {
            assertEquals(Execution.ONE_SESSION, engine.plan().execution());
        }
    }

    @Test
    void aPlanThatDelegatesNothingUnderANewPolicyStaysRewritten() {
        try (ParallaxEngine engine = ParallaxEngine.load(prepare(normalising()), options().withExecution(Execution.REWRITTEN))) {
            assertEquals(Execution.REWRITTEN, engine.adopt(new DelegationPolicy.Never(), 7).execution());
        }
    }

    @Test
    void whatCannotBeComparedIsNotUsed() {
        PreparedModel model = prepare(normalising());

        Rewriting rewriting = Rewriting.of(model, 1, environment, () -> false);

        assertInstanceOf(Rewriting.Refused.class, rewriting);
        assertTrue(rewriting.describe().contains("no memory"), rewriting::describe);
    }

    @Test
    void anExactEngineNeverRunsARewrittenModel() {
        EngineOptions exact = options().withExact(true);

        try (ParallaxEngine engine = ParallaxEngine.load(prepare(normalising()), exact)) {
            assertEquals(GraphForm.ORIGINAL, engine.cpuExecution().graph());
        }
        assertThrows(IllegalArgumentException.class, () -> exact.withExecution(Execution.REWRITTEN));
    }

    @Test
    void onlyOneSessionCanBeRewritten() {
        assertThrows(IllegalStateException.class, () -> ForkedModel.plan(new SideBySide.Everywhere()).rewritten());
    }

    @Test
    void theMeasurementSaysWhatBecameOfRewriting() throws Exception {
        PreparedModel model = prepare(normalising());
        try (ParallaxEngine engine = ParallaxEngine.load(model, options())) {
            assertTrue(List.of(GraphForm.values()).contains(engine.cpuExecution().graph()));
        }
        try (Stream<Path> files = Files.list(model.optimizedModel().getParent())) {
            List<Path> answers = files.filter(file -> file.getFileName().toString().startsWith("execution-")).toList();
            assertEquals(1, answers.size());
            assertTrue(Files.readString(answers.get(0)).contains("skip-normalization 1"), answers::toString);
        }
    }
}
