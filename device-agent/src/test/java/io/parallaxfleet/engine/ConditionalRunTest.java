package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ifs whose sub-graphs run by plans of their own. */
class ConditionalRunTest {
    private static final float TOLERANCE = 1e-4f;

    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final ConditionalModels models = new ConditionalModels(5);

    private static PreparedModel prepare(OnnxFixture model, String name) {
        Path file = model.write(folder.resolve(name + ".onnx"));
        return ModelPreparation.prepare(new ModelSource(name, file, Map.of()), Map.of(), folder.resolve("cache"));
    }

    private static ParallaxEngine load(PreparedModel model) {
        return ParallaxEngine.load(model, EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(Execution.SPLIT));
    }

    private Map<String, OnnxTensor> inputs(boolean flag, long seed) throws OrtException {
        Random random = new Random(seed);
        float[] values = new float[ConditionalModels.SIDE * ConditionalModels.SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        return Map.of("flag", OnnxTensor.createTensor(environment, flag),
                "x", OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), ConditionalModels.shape()));
    }

    /** Runs both ways and compares every output. */
    private void assertSameAsPlain(PreparedModel model, ParallaxEngine engine, OrtSession plain, Map<String, OnnxTensor> inputs)
            throws OrtException {
        Map<String, OnnxTensor> fed = new HashMap<>(inputs);
        fed.keySet().retainAll(model.graph().inputs());
        try (OrtSession.Result expected = plain.run(fed)) {
            EngineRun run = engine.run(fed);
            for (String output : model.graph().outputs()) {
                OnnxTensor wanted = (OnnxTensor) expected.get(output).orElseThrow();
                assertArrayEquals(wanted.getInfo().getShape(), run.outputs().get(output).getInfo().getShape(), output);
                assertArrayEquals(floats(wanted), floats(run.outputs().get(output)), TOLERANCE, model.name() + ", " + output);
            }
        }
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private OrtSession plain(PreparedModel model) {
        return OrtSessions.open(environment, model.originalModel(),
                SessionSettings.of(1, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions()));
    }

    private static List<Conditional> conditionals(EnginePlan plan) {
        return plan.steps().stream().flatMap(step -> step.controlFlow().stream()).map(Conditional.class::cast).toList();
    }

    @Test
    void theChosenSubGraphRunsItsBranchesSideBySide() throws OrtException {
        OnnxFixture fixture = models.onFlagAndX()
                .node("If", List.of("flag"), List.of("y"), ConditionalModels.thenBranch(models.forkedBody("x")),
                        ConditionalModels.elseBranch(models.handsThrough("x")))
                .output("y");
        PreparedModel model = prepare(fixture, "one");
        try (ParallaxEngine engine = load(model); OrtSession plain = plain(model)) {
            Conditional conditional = conditionals(engine.plan()).get(0);
            assertEquals(Execution.SPLIT, conditional.whenTrue().execution());
            assertTrue(conditional.whenTrue().branches().maxBranchesInLayer() >= 2);
            assertEquals(Execution.ONE_SESSION, conditional.whenFalse().execution());
            for (boolean flag : new boolean[] {true, false, false, true}) {
                assertSameAsPlain(model, engine, plain, inputs(flag, 3));
            }
        }
    }

    @Test
    void resultsDoNotChangeWhenTheOtherSubGraphRunsNext() throws OrtException {
        OnnxFixture fixture = models.onFlagAndX()
                .node("If", List.of("flag"), List.of("y"), ConditionalModels.thenBranch(models.forkedBody("x")),
                        ConditionalModels.elseBranch(models.forkedBody("x")))
                .output("y");
        PreparedModel model = prepare(fixture, "both");
        try (ParallaxEngine engine = load(model)) {
            float[] first = floats(engine.run(inputs(true, 1)).outputs().get("y"));
            engine.run(inputs(false, 1));
            assertArrayEquals(first, floats(engine.run(inputs(true, 1)).outputs().get("y")), 0f);
        }
    }

    @Test
    void whateverIsNestedCapturedOrHandedThroughTheResultIsThatOfPlainOnnxRuntime() throws OrtException {
        int planned = 0;
        for (int trial = 0; trial < 12; trial++) {
            PreparedModel model = prepare(new ConditionalModels(100 + trial).random(), "random" + trial);
            try (ParallaxEngine engine = load(model); OrtSession plain = plain(model)) {
                planned += conditionals(engine.plan()).size();
                for (boolean flag : new boolean[] {true, false, true}) {
                    assertSameAsPlain(model, engine, plain, inputs(flag, trial));
                }
            }
        }
        assertTrue(planned >= 12, planned + " sub-graphs were planned");
    }

    @Test
    void whatIsMeasuredAtFirstUseRunsBothWays() throws OrtException {
        OnnxFixture fixture = models.onFlagAndX()
                .node("If", List.of("flag"), List.of("y"), ConditionalModels.thenBranch(models.forkedBody("x")),
                        ConditionalModels.elseBranch(models.forkedBody("x")))
                .output("y");
        PreparedModel model = prepare(fixture, "measured");
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withTrialBudget(Duration.ofMillis(300));
        for (int start = 0; start < 2; start++) {
            try (ParallaxEngine engine = ParallaxEngine.load(model, options); OrtSession plain = plain(model)) {
                assertSameAsPlain(model, engine, plain, inputs(true, 3));
                assertSameAsPlain(model, engine, plain, inputs(false, 3));
            }
        }
    }

    /** The graph itself runs nothing side by side; its sub-graphs do wherever they could. */
    private static EnginePlan planWithEveryLayerInsideSideBySide(PreparedModel model) {
        Map<String, SideBySide> inside = new HashMap<>();
        model.graph().nodes().stream().filter(node -> node.is("If")).forEach(node -> {
            inside.put(ControlFlow.bodyName(node.index(), Conditional.THEN), new SideBySide.Everywhere());
            inside.put(ControlFlow.bodyName(node.index(), Conditional.ELSE), new SideBySide.Everywhere());
        });
        return EnginePlanner.plan(
                model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Measured(Set.of(), inside), 2);
    }

    @Test
    void bothDecodersOfWhisperRunTheirLayersSideBySide() throws OrtException {
        PreparedModel model = ModelPreparation.prepare(
                ModelCatalogue.resolve("whisper_tiny_decoder_merged", folder), Map.of(), folder.resolve("cache"));
        EnginePlan plan = planWithEveryLayerInsideSideBySide(model);
        Conditional decoders = conditionals(plan).get(0);
        assertTrue(decoders.whenFalse().steps().size() > 2, "the first step's decoder is cut into " + decoders.whenFalse().steps().size());
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        try (CpuThreads threads = new CpuThreads(2, Scheduling.defaults(), Optional.empty());
                LoadedPlan loaded = LoadedPlan.open(plan, model, EngineOptions.defaults(folder.resolve("cache")),
                        SessionSettings.Spinning.OFF, threads, environment);
                OrtSession plain = plain(model)) {
            for (boolean cached : new boolean[] {true, false, true}) {
                Map<String, OnnxTensor> inputs = new HashMap<>(SyntheticInputs.create(environment, types, 3));
                inputs.put("use_cache_branch", OnnxTensor.createTensor(environment, new boolean[] {cached}));
                try (OrtSession.Result expected = plain.run(inputs)) {
                    EngineRun run = loaded.run(plan, Long.MAX_VALUE, inputs);
                    for (String output : model.graph().outputs()) {
                        assertArrayEquals(floats((OnnxTensor) expected.get(output).orElseThrow()), floats(run.outputs().get(output)),
                                1e-3f, output);
                    }
                }
            }
        }
    }

    @Test
    void oneSessionStaysAChoice() {
        PreparedModel model = prepare(new ConditionalModels(100).random(), "whole");
        EnginePlan plan = EnginePlanner.plan(
                model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, Execution.ONE_SESSION, 2);
        assertEquals(Execution.ONE_SESSION, plan.execution());
        assertEquals(1, plan.steps().size());
    }

    @Test
    void thePlansOfSubGraphsPassEveryVerifier() {
        int verified = 0;
        for (String name : List.of("synthetic_early_exit_if", "whisper_tiny_decoder_merged")) {
            PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, folder), Map.of(), folder.resolve("cache"));
            verified += VerifiedPlans.verify(planWithEveryLayerInsideSideBySide(model), OperatorSupport.none());
        }
        for (int trial = 0; trial < 12; trial++) {
            PreparedModel model = prepare(new ConditionalModels(200 + trial).random(), "verified" + trial);
            OperatorSupport products = (graph, node) -> node.opType().endsWith("MatMul") || node.opType().equals("Tanh");
            for (OperatorSupport support : List.of(OperatorSupport.none(), products)) {
                EnginePlan plan = EnginePlanner.plan(model, support,
                        new DelegationPolicy.Thresholds(2, 0, 1e9), 0, Execution.SPLIT, 2);
                verified += VerifiedPlans.verify(plan, support);
            }
        }
        assertTrue(verified > 40, verified + " plans");
    }
}
