package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Engines in processes of their own, in a control group with too little memory for all branches at once. Where this process may
 * not make control groups there is nothing to see, and the test says so.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MemoryLimitTest {
    private static final int SIDE = 512;
    private static final int COPIES = 128;
    private static final int BRANCHES = 4;
    /** Every branch makes tensors of 128 MiB, several of them live at once; a JVM with ONNX Runtime takes about 150. */
    private static final long LIMIT_BYTES = 600L << 20;
    private static final int KILLED = 128 + 9;

    @TempDir
    private Path directory;

    /** The process that is limited: {@code MODEL CACHE [forced execution]}. */
    static final class LimitedEngine {
        private LimitedEngine() {}

        public static void main(String[] arguments) throws OrtException {
            Path cache = Path.of(arguments[1]);
            EngineOptions options = EngineOptions.defaults(cache).withThreads(2);
            if (arguments.length > 2) {
                options = options.withExecution(Execution.valueOf(arguments[2]));
            }
            try (ParallaxEngine engine = ParallaxEngine.load(prepare(Path.of(arguments[0]), cache), options)) {
                Map<String, OnnxTensor> inputs = SyntheticInputs.create(OrtEnvironment.getEnvironment(), engine.inputs(), 3);
                for (int run = 0; run < 3; run++) {
                    engine.run(inputs);
                }
                System.out.println("ran " + engine.plan().execution());
            }
        }
    }

    private static PreparedModel prepare(Path model, Path cache) {
        return ModelPreparation.prepare(ModelCatalogue.resolve(model.toString(), cache), Map.of(), cache);
    }

    /** Branches of little arithmetic and large tensors, joined by a sum. */
    private Path hungryModel() {
        OnnxFixture model = new OnnxFixture().input("x", String.valueOf(SIDE), String.valueOf(SIDE)).output("y");
        model.initializer(OnnxFixture.floats("copies", List.of((long) COPIES, 1L, 1L), values(COPIES)));
        List<String> ends = new ArrayList<>();
        for (int branch = 0; branch < BRANCHES; branch++) {
            String name = "b" + branch;
            model.initializer(OnnxFixture.floats(name + "w", List.of((long) SIDE, (long) SIDE), values(SIDE * SIDE)));
            model.node("MatMul", List.of("x", name + "w"), List.of(name + "product"));
            model.node("Mul", List.of(name + "product", "copies"), List.of(name + "large"));
            model.node("Sin", List.of(name + "large"), List.of(name + "larger"));
            model.node("Cos", List.of(name + "larger"), List.of(name + "largest"));
            model.node("ReduceMean", List.of(name + "largest"), List.of(name + "end"));
            ends.add(name + "end");
        }
        return model.node("Sum", ends, List.of("y")).write(directory.resolve("hungry.onnx"));
    }

    private static float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (i % 17 - 8) / 64f;
        }
        return values;
    }

    private int run(MemoryLimitedGroup group, List<String> output, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m", "-XX:MaxDirectMemorySize=4g", "-cp",
                System.getProperty("java.class.path"), LimitedEngine.class.getName()));
        command.addAll(List.of(arguments));
        Process process = group.start(command, directory);
        output.addAll(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        return process.waitFor();
    }

    @Test
    @DisplayName("where all branches at once are killed for their memory, the engine goes one after another and finishes")
    void survivesWhatNaiveParallelExecutionDoesNot() throws IOException, InterruptedException {
        Optional<MemoryLimitedGroup> limited = MemoryLimitedGroup.create("parallax-test-" + ProcessHandle.current().pid(), LIMIT_BYTES);
        if (limited.isEmpty()) {
            System.err.println("not tested: this process may not make control groups with a memory limit");
            return;
        }
        String model = hungryModel().toString();
        String cache = directory.resolve("cache").toString();
        prepare(Path.of(model), Path.of(cache));
        try (MemoryLimitedGroup group = limited.get()) {
            List<String> naive = new ArrayList<>();
            assertEquals(KILLED, run(group, naive, model, cache, "SPLIT"), () -> "all branches at once: " + naive);
            List<String> output = new ArrayList<>();
            assertEquals(0, run(group, output, model, cache), () -> "one after another: " + output);
            assertTrue(output.contains("ran ONE_SESSION"), () -> "it said " + output);
        }
    }
}
