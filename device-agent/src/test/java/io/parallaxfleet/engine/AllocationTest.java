package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.bench.AllocatedBytes;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java heap that a run in the steady state takes, all threads together, beside what ONNX Runtime's Java API takes to run the sessions. */
class AllocationTest {
    private static final int WARM_UP_RUNS = 100;
    private static final int RUNS = 40;
    /** Nothing a run; this much, less than an object, for what the JVM itself does now and then. */
    private static final double OF_THE_JVM_BYTES = 15;

    @TempDir
    static Path cache;

    @Test
    @DisplayName("a run of one session allocates nothing of its own")
    void oneSession() throws OrtException {
        assertAllocatesNothing("squeezenet1_1", Execution.ONE_SESSION, false);
    }

    @Test
    @DisplayName("nor does one on cores of its own")
    void boundToCores() throws OrtException {
        assertAllocatesNothing("squeezenet1_1", Execution.ONE_SESSION, true);
    }

    @Test
    @DisplayName("nor one of many steps, some side by side")
    void split() throws OrtException {
        assertAllocatesNothing("all-minilm-l6-v2", Execution.SPLIT, false);
    }

    @Test
    @DisplayName("nor that on cores of their own, which its threads change from step to step")
    void splitAndBound() throws OrtException {
        assertAllocatesNothing("all-minilm-l6-v2", Execution.SPLIT, true);
    }

    @Test
    @DisplayName("nor one whose outputs only the run sizes")
    void runSizedOutputs() throws OrtException {
        assertAllocatesNothing("synthetic_greedy_loop", Execution.ONE_SESSION, false);
    }

    private static void assertAllocatesNothing(String name, Execution execution, boolean binding) throws OrtException {
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(execution).withBinding(binding);
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            Map<String, OnnxTensor> inputs = SyntheticInputs.create(OrtEnvironment.getEnvironment(), engine.inputs(), 5);
            RunResult result = new RunResult();
            for (int run = 0; run < WARM_UP_RUNS; run++) {
                engine.run(inputs, result);
                engine.repeatKernels();
            }
            Map<String, OnnxTensor> outputs = result.outputs();

            double ofRun = AllocatedBytes.beyond(RUNS, () -> engine.run(inputs, result), engine::repeatKernels);

            assertEquals(0, ofRun, OF_THE_JVM_BYTES, "bytes a run in " + engine.plan().steps().size() + " steps");
            assertSame(outputs, result.outputs());
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
