package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionFactory;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.ConstantSource;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.Node;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallaxEngineTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    static Path cache;

    private static OrtEnvironment environment;

    @BeforeAll
    static void openEnvironment() {
        environment = OrtEnvironment.getEnvironment();
    }

    private static PreparedModel prepare(String name) {
        return ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
    }

    private static Map<String, OnnxTensor> inputs(PreparedModel model) throws OrtException {
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        return SyntheticInputs.create(environment, types, 3);
    }

    /** Outputs of plain ONNX Runtime on the original file. */
    private static Map<String, float[]> reference(PreparedModel model, Map<String, OnnxTensor> inputs) throws OrtException {
        SessionSettings settings = SessionSettings.of(1, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions());
        try (OrtSession session = OrtSessions.open(environment, model.originalModel(), settings);
                OrtSession.Result result = session.run(inputs)) {
            Map<String, float[]> outputs = new HashMap<>();
            result.forEach(output -> floats((OnnxTensor) output.getValue(), output.getKey(), outputs));
            return outputs;
        }
    }

    private static void floats(OnnxTensor tensor, String name, Map<String, float[]> outputs) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        if (buffer != null) {
            float[] values = new float[buffer.remaining()];
            buffer.get(values);
            outputs.put(name, values);
        }
    }

    private static void assertClose(Map<String, float[]> reference, EngineRun run) {
        Map<String, float[]> actual = new HashMap<>();
        run.outputs().forEach((name, tensor) -> floats(tensor, name, actual));
        assertEquals(reference.keySet(), actual.keySet());
        reference.forEach((name, expected) -> {
            float[] found = actual.get(name);
            assertEquals(expected.length, found.length);
            double magnitude = 0;
            double difference = 0;
            for (int i = 0; i < expected.length; i++) {
                magnitude = Math.max(magnitude, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(expected[i] - found[i]));
            }
            assertTrue(difference <= TOLERANCE * magnitude, name + " differs by " + difference / magnitude + " of its magnitude");
        });
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"squeezenet1_1", "all-minilm-l6-v2", "mobilenet_v3_small", "synthetic_early_exit_if", "synthetic_greedy_loop"})
    @DisplayName("a model split into branches gives what plain ONNX Runtime gives, run after run")
    void splitEqualsPlain(String name) throws OrtException {
        PreparedModel model = prepare(name);
        Map<String, OnnxTensor> inputs = inputs(model);
        Map<String, float[]> reference = reference(model, inputs);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            for (int run = 0; run < 3; run++) {
                assertClose(reference, engine.run(inputs));
            }
        }
    }

    @Test
    @DisplayName("every step of a run is reported once, within the run's time")
    void reportsBranches() throws OrtException {
        PreparedModel model = prepare("squeezenet1_1");
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            EngineRun run = engine.run(inputs(model));
            assertEquals(run.plan().steps().size(), run.branches().size());
            for (BranchRun branch : run.branches()) {
                assertTrue(branch.startNanos() >= 0 && branch.latencyNanos() > 0);
                assertTrue(branch.startNanos() + branch.latencyNanos() <= run.latencyNanos());
            }
        }
    }

    @Test
    @DisplayName("between the runs of a split plan no thread spins")
    void parksBetweenRuns() throws OrtException, InterruptedException {
        PreparedModel model = prepare("all-minilm-l6-v2");
        Map<String, OnnxTensor> inputs = inputs(model);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            long least = Long.MAX_VALUE;
            for (int window = 0; window < 5; window++) {
                engine.run(inputs);
                // Longer than the moment for which a thread may spin.
                Thread.sleep(20);
                long before = ProcessCpuTime.nanos();
                Thread.sleep(200);
                least = Math.min(least, ProcessCpuTime.nanos() - before);
            }
            assertTrue(least < 100_000_000, least + " ns of processor time in 200 ms without a run");
        }
    }

    @Test
    @DisplayName("every run has the budget of its own moment")
    void readsMemoryAgain() throws OrtException {
        PreparedModel model = prepare("squeezenet1_1");
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
        AtomicLong available = new AtomicLong(1L << 30);
        try (ParallaxEngine engine = ParallaxEngine.load(
                model, options, available::get, new PlanCache(1), SessionFactory.eachOnItsOwn(OrtEnvironment.getEnvironment()))) {
            long before = engine.run(inputs(model)).memoryBudgetBytes();
            available.set(1L << 29);
            assertEquals(options.memory().budgetBytes(1L << 30), before);
            assertEquals(options.memory().budgetBytes(1L << 29), engine.run(inputs(model)).memoryBudgetBytes());
        }
    }

    @Test
    @DisplayName("adopting a policy re-plans without a reload, and the same placement keeps its identity")
    void adoptsWithoutReload() throws OrtException {
        PreparedModel model = prepare("squeezenet1_1");
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.ONE_SESSION);
        Map<String, OnnxTensor> inputs = inputs(model);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            String before = engine.plan().id();
            engine.run(inputs);
            EnginePlan after = engine.adopt(new DelegationPolicy.Never(), 7);
            assertEquals(before, after.id());
            assertEquals(7, engine.run(inputs).plan().policyEpoch());
        }
    }

    @Test
    @DisplayName("an accelerator that refuses a region or fails in a run costs a fallback, not the result")
    void fallsBackToTheCpu() throws OrtException {
        PreparedModel model = prepare("squeezenet1_1");
        Map<String, OnnxTensor> inputs = inputs(model);
        Map<String, float[]> reference = reference(model, inputs);
        for (boolean refusesToCompile : new boolean[] {true, false}) {
            EngineOptions options = EngineOptions.defaults(cache)
                    .withThreads(2)
                    .withExecution(Execution.ONE_SESSION)
                    .withAccelerator(new BrokenAccelerator(refusesToCompile))
                    .withPolicy(new DelegationPolicy.Thresholds(1, 0, 1e9), 1);
            try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
                assertTrue(engine.plan().delegatedRegions() > 0);
                EngineRun run = engine.run(inputs);
                assertClose(reference, run);
                assertTrue(run.branches().stream().anyMatch(branch -> branch.fallback() == Fallback.OUT_OF_DEVICE_MEMORY));
                assertTrue(run.branches().stream().allMatch(branch -> branch.actual() == Placement.CPU));
                assertClose(reference, engine.run(inputs));
            }
        }
    }

    @Test
    @DisplayName("a released plan cannot run, the plan in force still can")
    void releasedPlanIsGone() throws OrtException {
        PreparedModel model = prepare("squeezenet1_1");
        EngineOptions options = EngineOptions.defaults(cache)
                .withThreads(2)
                .withExecution(Execution.ONE_SESSION)
                .withAccelerator(new BrokenAccelerator(true))
                .withPolicy(new DelegationPolicy.Never(), 0);
        Map<String, OnnxTensor> inputs = inputs(model);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            EnginePlan explored = engine.prepare(new DelegationPolicy.Thresholds(1, 0, 1e9), 0);
            engine.run(explored, inputs);
            engine.release(explored);
            assertThrows(IllegalStateException.class, () -> engine.run(explored, inputs));
            engine.run(inputs);
        }
    }

    @Test
    @DisplayName("a missing input is named with its type")
    void namesTheMissingInput() {
        PreparedModel model = prepare("squeezenet1_1");
        try (ParallaxEngine engine = ParallaxEngine.load(model, EngineOptions.defaults(cache).withExecution(Execution.ONE_SESSION))) {
            String message = assertThrows(IllegalArgumentException.class, () -> engine.run(Map.of())).getMessage();
            assertTrue(message.contains("pixel_values"), message);
        }
    }

    /** Supports convolutions and never delivers. */
    private record BrokenAccelerator(boolean refusesToCompile) implements Accelerator {
        @Override
        public AcceleratorDescription description() {
            return new AcceleratorDescription("broken", "test", "0", 1);
        }

        @Override
        public boolean supports(ModelGraph graph, Node node) {
            return node.opType().endsWith("Conv");
        }

        @Override
        public CompiledRegion compile(ModelGraph graph, Region region, ConstantSource constants) {
            if (refusesToCompile) {
                throw failure();
            }
            return new CompiledRegion() {
                @Override
                public void run(List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
                    throw failure();
                }

                @Override
                public long deviceBytes() {
                    return 0;
                }

                @Override
                public void close() {}
            };
        }

        private static AcceleratorException failure() {
            return new AcceleratorException(AcceleratorException.Cause.OUT_OF_DEVICE_MEMORY, "full", null);
        }

        @Override
        public void close() {}
    }
}
