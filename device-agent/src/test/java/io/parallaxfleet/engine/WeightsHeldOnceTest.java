package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.host.OwnMemory;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Segments of a plan, and plans that compete, do not hold a model's weights twice; who lost gives its sessions back. */
@EnabledOnOs(OS.LINUX)
@Timeout(180)
class WeightsHeldOnceTest {
    private static final int THREADS = 2;
    private static final int SIDE = 1024;
    private static final int PRODUCTS_OF_A_SIDE = 4;
    private static final long WEIGHT_BYTES = 2L * PRODUCTS_OF_A_SIDE * SIDE * SIDE * Float.BYTES;
    /** What the kernel keeps of a thread's name. */
    private static final String OPENER = "rival-opener";

    @TempDir
    static Path cache;

    @ParameterizedTest
    @ValueSource(strings = {"all-minilm-l6-v2", "yolov8n"})
    @DisplayName("every initialiser is read by one segment, and lies in the one file of the model")
    void segments(String name) {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
        EnginePlan plan = plan(model, new SideBySide.ParallelLayers());
        assertEquals(Execution.SPLIT, plan.execution());
        long once = model.graph().initializers().values().stream().filter(TensorType::isStatic).mapToLong(TensorType::bytes).sum();
        long bySegment = 0;
        long inside = 0;
        for (PlanStep step : plan.steps()) {
            OnnxModel segment = OnnxModel.read(model.extract(step.nodes(), step.inputs(), step.outputs()));
            bySegment += segment.initializers().values().stream()
                    .map(TensorTypes::of).flatMap(Optional::stream).mapToLong(TensorType::bytes).sum();
            inside += segment.initializers().values().stream().mapToLong(tensor -> tensor.getRawData().size()).sum();
        }
        assertTrue(bySegment <= 1.01 * once, bySegment + " bytes in segments, " + once + " in the model");
        assertTrue(inside <= 0.01 * once, inside + " bytes inside of segment files");
    }

    /** Two chains of large products side by side. */
    private static PreparedModel forkOfProducts() {
        OnnxFixture fixture = new OnnxFixture().input("x", "8", Integer.toString(SIDE));
        Random random = new Random(4);
        for (String side : List.of("left", "right")) {
            String from = "x";
            for (int product = 0; product < PRODUCTS_OF_A_SIDE; product++) {
                float[] values = new float[SIDE * SIDE];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (random.nextFloat() - 0.5f) / SIDE;
                }
                String name = side + product;
                fixture.initializer(OnnxFixture.floats("w" + name, List.of((long) SIDE, (long) SIDE), values));
                fixture.node("MatMul", List.of(from, "w" + name), List.of("p" + name));
                fixture.node("Tanh", List.of("p" + name), List.of("t" + name));
                from = "t" + name;
            }
        }
        int last = PRODUCTS_OF_A_SIDE - 1;
        Path file = fixture.node("Sub", List.of("tleft" + last, "tright" + last), List.of("y")).output("y")
                .write(cache.resolve("products.onnx"));
        return ModelPreparation.prepare(new ModelSource("products", file, Map.of()), Map.of(), cache);
    }

    private static EnginePlan plan(PreparedModel model, SideBySide sideBySide) {
        return EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, sideBySide, THREADS);
    }

    @Test
    @DisplayName("a rival plan of other cuts takes no weights again")
    void rivals() throws IOException {
        PreparedModel model = forkOfProducts();
        EngineOptions options = EngineOptions.defaults(cache).withThreads(THREADS);
        try (CpuThreads threads = new CpuThreads(THREADS, options.scheduling(), Optional.empty());
                SharedWeights weights = SharedWeights.open(OrtEnvironment.getEnvironment());
                LoadedPlan one = LoadedPlan.open(plan(model, new SideBySide.Nowhere()), model, options, Spinning.OFF, threads, weights)) {
            long before = anonymousBytes();
            EnginePlan split = plan(model, new SideBySide.Everywhere());
            assertEquals(Execution.SPLIT, split.execution());
            try (LoadedPlan rival = LoadedPlan.open(split, model, options, Spinning.OFF, threads, weights)) {
                long taken = anonymousBytes() - before;
                assertTrue(taken < WEIGHT_BYTES / 2, taken + " bytes of " + WEIGHT_BYTES + " in " + rival.plan().steps().size() + " steps");
            }
            assertEquals(1, one.plan().steps().size());
        }
    }

    private static long anonymousBytes() throws IOException {
        NativeHeap.trim();
        return OwnMemory.anonymousBytes();
    }

    /** Threads with a name that they inherit from who starts them, as those of a session do from who opens it; the opener left out. */
    private static long poolThreads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> {
                try {
                    return Files.readString(task.resolve("comm")).strip().equals(OPENER);
                } catch (IOException e) {
                    // It ended meanwhile.
                    return false;
                }
            }).count() - 1;
        }
    }

    @Test
    @DisplayName("after the measurement only the sessions of the plan in force are open")
    void losersGiveTheirSessionsBack() throws Exception {
        PreparedModel model = forkOfProducts();
        EngineOptions options = EngineOptions.defaults(cache.resolve("trial")).withThreads(THREADS).withTrialBudget(Duration.ofMillis(300));
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<ParallaxEngine> loaded = new AtomicReference<>();
        long[] poolThreadsAfter = new long[1];
        Thread opener = new Thread(() -> {
            try {
                loaded.set(ParallaxEngine.load(model, options));
                poolThreadsAfter[0] = poolThreads();
            } catch (Throwable e) {
                failure.set(e);
            }
        }, OPENER);
        opener.start();
        long most = 0;
        while (opener.isAlive()) {
            most = Math.max(most, poolThreads());
            opener.join(1);
        }
        assertEquals(null, failure.get());
        try (ParallaxEngine engine = loaded.get()) {
            long ofThePlan = engine.plan().steps().stream().mapToLong(step -> step.threads() - 1).sum();
            assertTrue(most > ofThePlan, "at most " + most + " pool threads were seen at once: nothing competed");
            assertEquals(ofThePlan, poolThreadsAfter[0], "a plan of " + engine.plan().steps().size() + " steps");
        }
    }
}
