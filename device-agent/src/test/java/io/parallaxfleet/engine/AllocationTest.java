package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.bench.AllocatedBytes;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.opencl.DeviceSearch;
import io.parallaxfleet.opencl.OpenClAccelerator;
import io.parallaxfleet.opencl.OpenClDevices;
import io.parallaxfleet.opencl.OpenClOptions;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
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

    /** A number that a caller brings is read through a copy, which the API makes: two of a Loop, one of an If. */
    private static final double API_TO_SHOW_SCALARS_BYTES = 250;
    /** Scanned tensors, which the API shows by a buffer each, and a copy of their shape. */
    private static final double API_TO_SHOW_TENSORS_BYTES = 400;

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

    @Test
    @DisplayName("nor one of a region on the accelerator")
    void region() throws OrtException {
        DeviceSearch search = OpenClDevices.search(OpenClOptions.defaults());
        assumeTrue(search instanceof DeviceSearch.Found, "no OpenCL device");
        try (OpenClAccelerator device = ((DeviceSearch.Found) search).device()) {
            PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve("squeezenet1_1", cache), Map.of(), cache);
            assertAllocates(0, model, EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.ONE_SESSION)
                    .withAccelerator(device).withPolicy(new DelegationPolicy.Thresholds(1, 0, 1e9), 1), 1);
        }
    }

    @Test
    @DisplayName("an iteration of a Loop or Scan allocates nothing, and a run what ONNX Runtime takes to show the trips and the shapes")
    void iterations() throws OrtException {
        assertAllocates(API_TO_SHOW_SCALARS_BYTES, prepare(new IterationModels(7).counted(), "loop"), splitOnTwo(), 3);
        assertAllocates(API_TO_SHOW_SCALARS_BYTES, prepare(new IterationModels(7).counted(), "loop"), splitOnTwo(), 60);
        assertAllocates(API_TO_SHOW_TENSORS_BYTES, prepare(new IterationModels(51).scan(), "scan"), splitOnTwo(), 1);
    }

    @Test
    @DisplayName("a run of an If allocates what ONNX Runtime takes to show the condition")
    void conditional() throws OrtException {
        ConditionalModels models = new ConditionalModels(5);
        assertAllocates(API_TO_SHOW_SCALARS_BYTES, prepare(models.onFlagAndX()
                .node("If", List.of("flag"), List.of("y"), ConditionalModels.thenBranch(models.forkedBody("x")),
                        ConditionalModels.elseBranch(models.forkedBody("x")))
                .output("y"), "if"), splitOnTwo(), 1);
    }

    private static EngineOptions splitOnTwo() {
        return EngineOptions.defaults(cache).withThreads(2).withExecution(Execution.SPLIT);
    }

    private static PreparedModel prepare(OnnxFixture model, String name) {
        return ModelPreparation.prepare(new ModelSource(name, model.write(cache.resolve(name + ".onnx")), Map.of()), Map.of(), cache);
    }

    private static void assertAllocatesNothing(String name, Execution execution, boolean binding) throws OrtException {
        assertAllocatesNothing(ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache), execution, binding);
    }

    private static void assertAllocatesNothing(PreparedModel model, Execution execution, boolean binding) throws OrtException {
        assertAllocates(0, model, EngineOptions.defaults(cache).withThreads(2).withExecution(execution).withBinding(binding), 1);
    }

    /** @param trips of a Loop that takes their number */
    private static void assertAllocates(double atMostBytes, PreparedModel model, EngineOptions options, long trips) throws OrtException {
        try (ParallaxEngine engine = ParallaxEngine.load(model, options)) {
            Map<String, OnnxTensor> inputs =
                    new HashMap<>(SyntheticInputs.create(OrtEnvironment.getEnvironment(), engine.inputs(), 5));
            inputs.computeIfPresent("trips", (name, made) -> {
                made.close();
                return trips(trips);
            });
            RunResult result = new RunResult();
            for (int run = 0; run < WARM_UP_RUNS; run++) {
                engine.run(inputs, result);
                engine.repeatKernels();
            }
            Map<String, OnnxTensor> outputs = result.outputs();

            double ofRun = AllocatedBytes.beyond(RUNS, () -> engine.run(inputs, result), engine::repeatKernels);

            assertEquals(0, Math.max(0, ofRun - atMostBytes), OF_THE_JVM_BYTES,
                    ofRun + " bytes a run in " + engine.plan().steps().size() + " steps, " + trips + " trips");
            assertSame(outputs, result.outputs());
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor trips(long count) {
        try {
            return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), count);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
