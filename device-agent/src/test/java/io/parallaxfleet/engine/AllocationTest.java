package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.management.ThreadMXBean;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Java heap that a run in the steady state takes, all threads together. */
class AllocationTest {
    private static final int WARM_UP_RUNS = 150;
    private static final int RUNS = 100;
    /** What a run reports, the executor's state, and on a slow machine a look at the free memory in every run. */
    private static final long OF_THE_RUN_BYTES = 48 << 10;
    private static final long OF_A_STEP_BYTES = 512;

    @TempDir
    static Path cache;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private interface OneRun {
        void run() throws OrtException;
    }

    @Test
    @DisplayName("a run of one session allocates what ONNX Runtime's Java API does and a report")
    void oneSession() throws OrtException {
        compare("squeezenet1_1", Execution.ONE_SESSION);
    }

    @Test
    @DisplayName("a run of many steps allocates that much for each step")
    void split() throws OrtException {
        compare("all-minilm-l6-v2", Execution.SPLIT);
    }

    private void compare(String name, Execution execution) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
        EngineOptions options = EngineOptions.defaults(cache).withThreads(2).withExecution(execution);
        SessionSettings plain = SessionSettings.of(2, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions());
        try (ParallaxEngine engine = ParallaxEngine.load(model, options);
                OrtSession session = OrtSessions.open(environment, model.originalModel(), plain)) {
            Map<String, OnnxTensor> inputs = SyntheticInputs.create(environment, engine.inputs(), 5);

            long ofPlain = bytesOfARun(() -> session.run(inputs).close());
            long ofEngine = bytesOfARun(() -> engine.run(inputs));

            int steps = engine.plan().steps().size();
            // A step writes more than one output: its tensors at planned places have names and handles too.
            long allowed = 3 * steps * (ofPlain + OF_A_STEP_BYTES) + OF_THE_RUN_BYTES;
            assertTrue(ofEngine <= allowed, ofEngine + " bytes a run in " + steps + " steps, a plain session takes " + ofPlain);
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private long bytesOfARun(OneRun run) throws OrtException {
        for (int i = 0; i < WARM_UP_RUNS; i++) {
            run.run();
        }
        long before = allocatedBytes();
        for (int i = 0; i < RUNS; i++) {
            run.run();
        }
        return (allocatedBytes() - before) / RUNS;
    }

    /** Of this thread and the engine's own, which live as long as the engine. */
    private long allocatedBytes() {
        long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("parallax-branch-")) {
                bytes += Math.max(0, threads.getThreadAllocatedBytes(thread.getId()));
            }
        }
        return bytes;
    }
}
