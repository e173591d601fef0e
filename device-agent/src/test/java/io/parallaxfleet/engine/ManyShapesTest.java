package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs of small models whose inputs change shape every few of them, as many as {@code -Dparallax.soak.runs} says, which prints what
 * memory they took.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(600)
class ManyShapesTest {
    private static final int RUNS = Integer.getInteger("parallax.soak.runs", 150);
    private static final int RUNS_AT_A_SHAPE = 5;
    private static final int SHAPES_LOADED = 2;
    /** One more than are loaded: sessions and arenas come and go all the time. */
    private static final long[] SIZES = {4, 9, 6};
    private static final int CHANNELS = 32;
    private static final int WIDTH = 128;
    /** The Java heap of the test process grows too, by collections that need not happen. */
    private static final long GROWTH_ALLOWED_BYTES = 160L << 20;

    @TempDir
    static Path folder;

    /** Who holds what a run needs: the plan's arena; ONNX Runtime's arena that sessions share; the one session's own. */
    private enum Way {
        SPLIT_IN_THE_PLANS_ARENA(Execution.SPLIT, false),
        SPLIT_IN_THE_SHARED_ARENA(Execution.SPLIT, true),
        ONE_SESSION(Execution.ONE_SESSION, false);

        private final Execution execution;
        private final boolean convolutions;

        Way(Execution execution, boolean convolutions) {
            this.execution = execution;
            this.convolutions = convolutions;
        }
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextFloat() - 0.5f) / 16;
        }
        return values;
    }

    /** Two chains of four side by side; the first dimension is open. */
    private static ModelSource forked(boolean convolutions) {
        Random random = new Random(3);
        OnnxFixture model = convolutions
                ? new OnnxFixture().input("x", "n", Integer.toString(CHANNELS), "16", "16")
                : new OnnxFixture().input("x", "n", "32", Integer.toString(WIDTH));
        AttributeProto pads = AttributeProto.newBuilder().setName("pads").setType(AttributeProto.AttributeType.INTS)
                .addAllInts(List.of(1L, 1L, 1L, 1L)).build();
        for (String side : List.of("left", "right")) {
            String from = "x";
            for (int link = 0; link < 4; link++) {
                String to = side + link;
                if (convolutions) {
                    model.initializer(OnnxFixture.floats("w" + to, List.of((long) CHANNELS, (long) CHANNELS, 3L, 3L),
                            random(random, CHANNELS * CHANNELS * 9)));
                    model.node("Conv", List.of(from, "w" + to), List.of(to), pads);
                } else {
                    model.initializer(OnnxFixture.floats("w" + to, List.of((long) WIDTH, (long) WIDTH), random(random, WIDTH * WIDTH)));
                    model.node("MatMul", List.of(from, "w" + to), List.of(to));
                }
                from = to;
            }
        }
        Path file = model.node("Sub", List.of("left3", "right3"), List.of("y")).output("y")
                .write(folder.resolve(convolutions + ".onnx"));
        return new ModelSource("forked-" + convolutions, file, Map.of());
    }

    private static TensorType type(Way way, long size) {
        return way.convolutions
                ? TensorType.of(ElementType.FLOAT, size, CHANNELS, 16, 16)
                : TensorType.of(ElementType.FLOAT, size, 32, WIDTH);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    @DisplayName("runs whose shapes change for good and all take no more memory than the first of them")
    void doesNotGrow(Way way) throws IOException, OrtException, InterruptedException {
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(way.execution);
        try (ShapeAdaptiveEngine engine = ShapeAdaptiveEngine.load(forked(way.convolutions), Map.of("n", SIZES[0]), options, SHAPES_LOADED)) {
            long settled = 0;
            int planned = 0;
            for (int run = 0; run < RUNS; run += RUNS_AT_A_SHAPE) {
                planned += serve(engine, way, SIZES[run / RUNS_AT_A_SHAPE % SIZES.length]);
                if (run == RUNS / 5 / RUNS_AT_A_SHAPE * RUNS_AT_A_SHAPE) {
                    settled = residentBytes();
                }
            }
            long grown = residentBytes() - settled;
            if (Integer.getInteger("parallax.soak.runs") != null) {
                System.out.printf("%s: %d runs, %s; since a fifth of them: resident %d KB more%n", way, RUNS, engine.counts(), grown >> 10);
            }
            assertTrue(planned > RUNS / 2, planned + " of " + RUNS + " runs by a plan");
            assertTrue(engine.counts().evictions() >= RUNS / RUNS_AT_A_SHAPE / 2, engine.counts().toString());
            assertTrue(grown < GROWTH_ALLOWED_BYTES, "resident memory grew by " + grown + " bytes");
        }
    }

    /** How many of the runs were by a plan of the shape. */
    private static int serve(ShapeAdaptiveEngine engine, Way way, long size) throws OrtException, InterruptedException {
        Map<String, OnnxTensor> inputs =
                SyntheticInputs.create(OrtEnvironment.getEnvironment(), Map.of("x", type(way, size)), 5);
        int planned = 0;
        for (int run = 0; run < RUNS_AT_A_SHAPE; run++) {
            if (engine.run(inputs) instanceof ShapedRun.Planned byPlan) {
                assertEquals(way.execution, byPlan.run().plan().execution());
                planned++;
            } else {
                engine.awaitBuilt();
            }
        }
        inputs.values().forEach(OnnxTensor::close);
        return planned;
    }

    private static long residentBytes() throws IOException {
        // Direct buffers are given back when their owners are collected.
        System.gc();
        NativeHeap.trim();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
