package io.parallaxfleet.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.execute.CompiledRegion;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.Partition;
import io.parallaxfleet.partition.Partitioner;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.Verdict;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole networks as the partitioner cuts them when every region is delegated. */
class ZooRegionsTest {
    @TempDir
    static Path cache;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"squeezenet1_1", "mobilenet_v3_small"})
    @DisplayName("a network that is one region gives what ONNX Runtime gives on the original file")
    void wholeNetwork(String name) throws OrtException {
        try (OpenClAccelerator device = RequiredDevice.open()) {
            PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
            Partition partition = Partitioner.partition(model.graph(), device, new DelegationPolicy.Thresholds(1, 0, 1e9));
            assertEquals(1, partition.verdicts().size());
            Verdict verdict = partition.verdicts().get(0);
            assertTrue(verdict instanceof Verdict.Kept, verdict.reason());
            assertEquals(model.graph().size(), verdict.region().operators());
            compare(device, model, verdict.region());
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"all-minilm-l6-v2", "synthetic_early_exit_if"})
    @DisplayName("an engine that delegates whatever it can, between operators it cannot, gives what ONNX Runtime gives")
    void engineWithRegions(String name) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        PreparedModel model = ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
        Map<String, TensorType> types = new LinkedHashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        Map<String, OnnxTensor> inputs = SyntheticInputs.create(environment, types, 11);
        SessionSettings settings = SessionSettings.of(1, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions());
        try (OpenClAccelerator device = RequiredDevice.open();
                ParallaxEngine engine = ParallaxEngine.load(model, EngineOptions.defaults(cache).withThreads(2)
                        .withAccelerator(device).withPolicy(new DelegationPolicy.Thresholds(1, 0, 1e9), 1));
                OrtSession session = OrtSessions.open(environment, model.originalModel(), settings);
                OrtSession.Result result = session.run(inputs)) {
            assertTrue(engine.plan().delegatedRegions() > 0, "regions are delegated");
            for (int run = 0; run < 2; run++) {
                Map<String, OnnxTensor> outputs = engine.run(inputs).outputs();
                result.forEach(output -> assertClose(output.getKey(), ((OnnxTensor) output.getValue()).getFloatBuffer(),
                        outputs.get(output.getKey()).getFloatBuffer()));
            }
        }
        inputs.values().forEach(OnnxTensor::close);
    }

    private static void compare(OpenClAccelerator device, PreparedModel model, Region region) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, TensorType> types = new LinkedHashMap<>();
        region.inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        Map<String, OnnxTensor> inputs = SyntheticInputs.create(environment, types, 7);
        List<ByteBuffer> in = region.inputs().stream().map(input -> {
            FloatBuffer values = inputs.get(input).getFloatBuffer();
            ByteBuffer buffer = Fragment.aligned(values.remaining());
            buffer.asFloatBuffer().put(values);
            return buffer;
        }).toList();
        List<ByteBuffer> out = region.outputs().stream()
                .map(output -> Fragment.aligned(Math.toIntExact(model.graph().type(output).orElseThrow().elements()))).toList();
        try (CompiledRegion compiled = device.compile(model.graph(), region, model.constants())) {
            compiled.run(in, out);
        }
        SessionSettings settings = SessionSettings.of(1, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions());
        try (OrtSession session = OrtSessions.open(environment, model.originalModel(), settings);
                OrtSession.Result result = session.run(inputs)) {
            for (int i = 0; i < out.size(); i++) {
                FloatBuffer expected = ((OnnxTensor) result.get(region.outputs().get(i)).orElseThrow()).getFloatBuffer();
                assertClose(region.outputs().get(i), expected, out.get(i).asFloatBuffer());
            }
        }
        inputs.values().forEach(OnnxTensor::close);
    }

    private static void assertClose(String name, FloatBuffer expected, FloatBuffer actual) {
        float magnitude = 0;
        float difference = 0;
        for (int k = 0; k < expected.remaining(); k++) {
            magnitude = Math.max(magnitude, Math.abs(expected.get(k)));
            difference = Math.max(difference, Math.abs(expected.get(k) - actual.get(k)));
        }
        assertTrue(difference <= 1e-4 * magnitude, name + " differs by " + difference / magnitude + " of its magnitude");
    }
}
