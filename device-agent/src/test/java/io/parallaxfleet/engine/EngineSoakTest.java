package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.host.OwnMemory;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs with changing shapes; {@code -Dparallax.soak.runs=10000} for a long one, which prints what it watches. */
@EnabledOnOs(OS.LINUX)
class EngineSoakTest {
    private static final int RUNS = Integer.getInteger("parallax.soak.runs", 120);
    private static final int RUNS_OF_AN_ENGINE = Math.max(20, RUNS / 100);
    private static final List<Long> TOKENS = List.of(8L, 40L, 16L, 24L);
    private static final long[] BATCHES = {1, 3, 2, 1};
    /** The Java heap of the test process grows too, by collections that need not happen. */
    private static final long GROWTH_ALLOWED_BYTES = 160L << 20;

    @TempDir
    static Path cache;

    @Test
    @DisplayName("engines that come, run and go with other shapes leave no memory behind")
    void doesNotGrow() throws IOException, OrtException {
        ModelSource source = ModelCatalogue.resolve("all-minilm-l6-v2", cache);
        int engines = Math.max(3, RUNS / RUNS_OF_AN_ENGINE);
        long settledBytes = 0;
        long settledDirectBytes = 0;
        for (int engine = 0; engine < engines; engine++) {
            long tokens = TOKENS.get(engine % TOKENS.size());
            PreparedModel model = ModelPreparation.prepare(source, Map.of(source.defaultDimensions().keySet().stream()
                    .filter(name -> name.contains("seq")).findFirst().orElseThrow(), tokens), cache);
            serve(model, engine % 3 == 2 ? Execution.ONE_SESSION : Execution.SPLIT);
            // Direct buffers are given back when their owners are collected.
            System.gc();
            if (engine == engines / 3) {
                settledBytes = OwnMemory.residentBytes();
                settledDirectBytes = directBytes();
            }
            if (RUNS >= 1_000 && engine % (engines / 10) == 0) {
                System.out.printf("after %d runs: resident %d MB, direct buffers %d KB%n", (engine + 1) * RUNS_OF_AN_ENGINE,
                        OwnMemory.residentBytes() >> 20, directBytes() >> 10);
            }
        }

        long grownBytes = OwnMemory.residentBytes() - settledBytes;
        long grownDirectBytes = directBytes() - settledDirectBytes;
        if (RUNS >= 1_000) {
            System.out.printf("grown since a third of the runs: resident %d KB, direct buffers %d KB%n", grownBytes >> 10,
                    grownDirectBytes >> 10);
        }
        assertTrue(grownBytes < GROWTH_ALLOWED_BYTES, "resident memory grew by " + grownBytes + " bytes");
        assertTrue(grownDirectBytes < 8 << 20, "direct buffers grew by " + grownDirectBytes + " bytes");
    }

    @Test
    @DisplayName("an engine whose inputs change shape for good and all takes no more memory than in its first rounds")
    void doesNotGrowWithShapes() throws IOException, OrtException, InterruptedException {
        ModelSource source = ModelCatalogue.resolve("squeezenet1_1", cache);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
        int rounds = Math.max(9, RUNS / 20);
        long settledBytes = 0;
        long settledDirectBytes = 0;
        try (ShapeAdaptiveEngine engine = ShapeAdaptiveEngine.load(source, Map.of("batch", 1L), options, 2)) {
            for (int round = 0; round < rounds; round++) {
                for (long batch : BATCHES) {
                    serve(engine, batch);
                }
                System.gc();
                if (round == rounds / 3) {
                    settledBytes = OwnMemory.residentBytes();
                    settledDirectBytes = directBytes();
                }
            }
            assertTrue(engine.counts().evictions() >= rounds, engine.counts().toString());
            System.gc();
            long grownBytes = OwnMemory.residentBytes() - settledBytes;
            long grownDirectBytes = directBytes() - settledDirectBytes;
            if (Integer.getInteger("parallax.soak.runs") != null) {
                System.out.printf("%d changes of shape, %s; grown since the first third: resident %d KB, direct buffers %d KB%n",
                        rounds * BATCHES.length, engine.counts(), grownBytes >> 10, grownDirectBytes >> 10);
            }
            assertTrue(grownBytes < GROWTH_ALLOWED_BYTES, "resident memory grew by " + grownBytes + " bytes");
            assertTrue(grownDirectBytes < 8 << 20, "direct buffers grew by " + grownDirectBytes + " bytes");
        }
    }

    /** Some runs without a plan, if there is none, then some with it. */
    private static void serve(ShapeAdaptiveEngine engine, long batch) throws OrtException, InterruptedException {
        TensorType type = TensorType.of(ElementType.FLOAT, batch, 3, 224, 224);
        Map<String, OnnxTensor> inputs = SyntheticInputs.create(OrtEnvironment.getEnvironment(), Map.of("pixel_values", type), 5);
        engine.run(inputs);
        engine.run(inputs);
        engine.awaitBuilt();
        for (int run = 0; run < 3; run++) {
            engine.run(inputs);
        }
        inputs.values().forEach(OnnxTensor::close);
    }

    private static void serve(PreparedModel model, Execution execution) throws OrtException {
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(execution);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            Map<String, OnnxTensor> inputs = SyntheticInputs.create(OrtEnvironment.getEnvironment(), engine.inputs(), 5);
            for (int run = 0; run < RUNS_OF_AN_ENGINE; run++) {
                engine.run(inputs);
            }
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
