package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loops and Scans whose bodies run by plans of their own, bit for bit as plain ONNX Runtime runs them. */
class IterationRunTest {
    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final IterationModels models = new IterationModels(7);

    private static PreparedModel prepare(OnnxFixture model, String name) {
        Path file = model.write(folder.resolve(name + ".onnx"));
        return ModelPreparation.prepare(new ModelSource(name, file, Map.of()), Map.of(), folder.resolve("cache"));
    }

    private static EngineOptions options() {
        return EngineOptions.defaults(folder.resolve("cache")).withThreads(2);
    }

    private static ParallaxEngine split(PreparedModel model) {
        return ParallaxEngine.load(model, options().withExecution(Execution.SPLIT));
    }

    private OrtSession plain(PreparedModel model) {
        return OrtSessions.open(environment, model.originalModel(),
                SessionSettings.of(2, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions()));
    }

    private Map<String, OnnxTensor> inputs(PreparedModel model, long trips, boolean flag, long seed) throws OrtException {
        Random random = new Random(seed);
        Map<String, OnnxTensor> inputs = new HashMap<>();
        for (String input : model.graph().inputs()) {
            TensorType type = model.graph().type(input).orElseThrow();
            inputs.put(input, switch (input) {
                case "trips" -> OnnxTensor.createTensor(environment, trips);
                case "flag" -> OnnxTensor.createTensor(environment, flag);
                default -> {
                    float[] values = new float[Math.toIntExact(type.elements())];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = random.nextFloat() - 0.5f;
                    }
                    yield OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), type.shape());
                }
            });
        }
        return inputs;
    }

    private void assertSameAsPlain(PreparedModel model, ParallaxEngine engine, OrtSession plain, Map<String, OnnxTensor> inputs)
            throws OrtException {
        try (OrtSession.Result expected = plain.run(inputs)) {
            EngineRun run = engine.run(inputs);
            for (String output : model.graph().outputs()) {
                OnnxTensor wanted = (OnnxTensor) expected.get(output).orElseThrow();
                String what = model.name() + ", " + output;
                assertArrayEquals(wanted.getInfo().getShape(), run.outputs().get(output).getInfo().getShape(), what);
                assertArrayEquals(bytes(wanted), bytes(run.outputs().get(output)), what);
            }
        }
    }

    private static byte[] bytes(OnnxTensor tensor) {
        byte[] bytes = new byte[tensor.getByteBuffer().remaining()];
        tensor.getByteBuffer().get(bytes);
        return bytes;
    }

    private void assertSameForManyTrips(OnnxFixture fixture, String name) throws OrtException {
        PreparedModel model = prepare(fixture, name);
        try (ParallaxEngine engine = split(model); OrtSession plain = plain(model)) {
            iteration(engine.plan());
            for (long trips : new long[] {3, 0, 1, 7, 2, 0, 4}) {
                for (boolean flag : new boolean[] {true, false}) {
                    assertSameAsPlain(model, engine, plain, inputs(model, trips, flag, trips));
                }
            }
        }
    }

    /** The plan's only iteration. */
    private static Iteration iteration(EnginePlan plan) {
        List<Iteration> found = plan.steps().stream().flatMap(step -> step.controlFlow().stream()).map(Iteration.class::cast).toList();
        assertEquals(1, found.size(), "iterations of " + plan.model());
        return found.get(0);
    }

    @Test
    void eachIterationRunsItsBranchesSideBySideHoweverManyThereAre() throws OrtException {
        PreparedModel model = prepare(models.counted(), "counted-plan");
        try (ParallaxEngine engine = split(model)) {
            EnginePlan body = iteration(engine.plan()).body();
            assertEquals(Execution.SPLIT, body.execution());
            assertTrue(body.branches().maxBranchesInLayer() >= 2);
        }
        assertSameForManyTrips(models.counted(), "counted");
    }

    @Test
    void aConditionThatTheBodyComputesEndsTheLoop() throws OrtException {
        assertSameForManyTrips(models.untilTheMeanIsHigh(), "until");
    }

    @Test
    void whatIsHandedOnMayChangeItsShape() throws OrtException {
        PreparedModel model = prepare(models.growing(), "growing-types");
        ModelGraph body = model.body(loopOf(model).index(), "body").orElseThrow().graph();
        assertTrue(body.type("h").orElseThrow().isStatic(), "one shape in every iteration");
        assertEquals(List.of(TensorType.DYNAMIC, (long) ConditionalModels.SIDE), body.type("seen").orElseThrow().dimensions());
        assertSameForManyTrips(models.growing(), "growing");
    }

    private static Node loopOf(PreparedModel model) {
        return model.graph().nodes().stream().filter(node -> node.is("Loop")).findFirst().orElseThrow();
    }

    @Test
    void whatIsStackedMayBeSizedByTheRun() throws OrtException {
        assertSameForManyTrips(models.stackingFindings(), "findings");
    }

    @Test
    void anIfInsideRunsByItsPlanInEveryIteration() throws OrtException {
        for (int trial = 0; trial < 3; trial++) {
            assertSameForManyTrips(new IterationModels(30 + trial).withAnIfInside(), "if-inside" + trial);
        }
    }

    @Test
    void aLoopInsideALoopHandsItsResultOn() throws OrtException {
        assertSameForManyTrips(models.nested(), "nested");
    }

    @Test
    void aScanReadsAndWritesAlongAnyAxisInEitherDirection() throws OrtException {
        for (int trial = 0; trial < 8; trial++) {
            PreparedModel model = prepare(new IterationModels(50 + trial).scan(), "scan" + trial);
            try (ParallaxEngine engine = split(model); OrtSession plain = plain(model)) {
                iteration(engine.plan());
                assertSameAsPlain(model, engine, plain, inputs(model, 0, true, trial));
                assertSameAsPlain(model, engine, plain, inputs(model, 0, true, trial + 1));
            }
        }
    }

    @Test
    void whatIsHandedOnIsNotCopiedButLiesInTwoPlacesInTurn() {
        PreparedModel model = prepare(models.counted(), "places");
        EnginePlan body = iteration(EnginePlanner.plan(
                model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, Execution.SPLIT, 2)).body();
        assertEquals(body.handedOn(), body.alternating().keySet());
        assertFalse(body.crossing().offsets().keySet().stream().anyMatch(body.handedOn()::contains), "none of them in the arena");
    }

    @Test
    void theGreedyDecoderGivesTheSameTokensByItsPlan() throws OrtException {
        PreparedModel model = ModelPreparation.prepare(
                ModelCatalogue.resolve("synthetic_greedy_loop", folder), Map.of(), folder.resolve("cache"));
        EngineOptions options = options().withExecution(Execution.ONE_SESSION)
                .withPolicy(new DelegationPolicy.Thresholds(2, 0, 1e9), 0).withAccelerator(new RefusingAccelerator());
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        try (ParallaxEngine engine = ParallaxEngine.load(model, options); OrtSession plain = plain(model)) {
            assertTrue(iteration(engine.plan()).body().delegatedRegions() > 0);
            for (long length : new long[] {0, 1, 12, 40}) {
                Map<String, OnnxTensor> inputs = new HashMap<>(SyntheticInputs.create(environment, types, 3 + length));
                inputs.put("max_len", OnnxTensor.createTensor(environment, length));
                assertSameAsPlain(model, engine, plain, inputs);
            }
        }
    }

    @Test
    void whatIsMeasuredAtFirstUseMakesTrips() throws OrtException {
        PreparedModel model = prepare(models.counted(), "measured");
        EngineOptions options = options().withTrialBudget(Duration.ofMillis(300));
        for (int start = 0; start < 2; start++) {
            try (ParallaxEngine engine = ParallaxEngine.load(model, options); OrtSession plain = plain(model)) {
                assertSameAsPlain(model, engine, plain, inputs(model, 4, true, 3));
            }
        }
        try (ProbeInputs probe = ProbeInputs.of(model.graph(), environment)) {
            assertTrue(probe.ways().get(0).get("trips").getLongBuffer().get(0) > 1);
        }
    }

    @Test
    void oneSessionStaysAChoice() {
        PreparedModel model = prepare(models.counted(), "whole");
        EnginePlan plan = EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, Execution.ONE_SESSION, 2);
        assertEquals(Execution.ONE_SESSION, plan.execution());
    }

    @Test
    void thePlansOfBodiesPassEveryVerifier() {
        int verified = 0;
        for (int trial = 0; trial < 12; trial++) {
            PreparedModel model = prepare(new IterationModels(200 + trial).random(), "verified" + trial);
            OperatorSupport products = (graph, node) -> node.opType().endsWith("MatMul") || node.opType().equals("Tanh");
            for (OperatorSupport support : List.of(OperatorSupport.none(), products)) {
                verified += VerifiedPlans.verify(EnginePlanner.plan(
                        model, support, new DelegationPolicy.Thresholds(2, 0, 1e9), 0, Execution.SPLIT, 2), support);
            }
        }
        assertTrue(verified > 48, verified + " plans");
    }

    /** Knows products, and refuses to build them: planned there, they run on the CPU. */
    private record RefusingAccelerator() implements Accelerator {
        @Override
        public AcceleratorDescription description() {
            return new AcceleratorDescription("refusing", "test", "0", 1);
        }

        @Override
        public boolean supports(ModelGraph graph, Node node) {
            return List.of("Gemm", "MatMul", "Sigmoid", "Tanh", "Mul", "Add", "Sub").contains(node.opType());
        }

        @Override
        public CompiledRegion compile(ModelGraph graph, Region region, ConstantSource constants) {
            throw new AcceleratorException(AcceleratorException.Cause.OUT_OF_DEVICE_MEMORY, "full", null);
        }

        @Override
        public void close() {}
    }
}
