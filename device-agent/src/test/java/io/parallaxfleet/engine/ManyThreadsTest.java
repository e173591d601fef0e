package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.ThreadShares;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More threads than most machines that run these tests have cores: results, not speed. */
class ManyThreadsTest {
    private static final int THREADS = 8;
    private static final int RUNS = 5;

    @TempDir
    static Path cache;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"squeezenet1_1", "all-minilm-l6-v2", "googlenet"})
    @DisplayName("a plan whose branches have several threads each gives what its steps give on one thread, bit for bit")
    void equalsOneThread(String name) throws OrtException {
        PreparedModel model = prepare(name);
        EnginePlan plan = plan(model);
        Map<String, OnnxTensor> inputs = inputs(model);
        try (CpuThreads many = new CpuThreads(THREADS, Scheduling.defaults(), Optional.empty());
                CpuThreads one = new CpuThreads(1, Scheduling.defaults(), Optional.empty());
                LoadedPlan onMany = open(plan, model, many);
                LoadedPlan onOne = open(plan.onOneThread(), model, one)) {
            Map<String, OnnxTensor> expected = onOne.run(onOne.plan(), Long.MAX_VALUE, inputs).outputs();
            for (int run = 0; run < RUNS; run++) {
                assertSameBits(expected, onMany.run(plan, Long.MAX_VALUE, inputs).outputs());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"squeezenet1_1", "all-minilm-l6-v2"})
    @DisplayName("and what plain ONNX Runtime gives, bit for bit, where cutting the model changes no kernel")
    void equalsPlain(String name) throws OrtException {
        PreparedModel model = prepare(name);
        EnginePlan plan = plan(model);
        Map<String, OnnxTensor> inputs = inputs(model);
        SessionSettings plain = SessionSettings.of(THREADS, SessionSettings.Spinning.OFF).withDimensions(model.boundDimensions());
        try (OrtSession session = OrtSessions.open(OrtEnvironment.getEnvironment(), model.originalModel(), plain);
                OrtSession.Result result = session.run(inputs);
                CpuThreads threads = new CpuThreads(THREADS, Scheduling.defaults(), Optional.empty());
                LoadedPlan loaded = open(plan, model, threads)) {
            Map<String, OnnxTensor> expected = new HashMap<>();
            result.forEach(output -> expected.put(output.getKey(), (OnnxTensor) output.getValue()));
            for (int run = 0; run < RUNS; run++) {
                assertSameBits(expected, loaded.run(plan, Long.MAX_VALUE, inputs).outputs());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static PreparedModel prepare(String name) {
        return ModelPreparation.prepare(ModelCatalogue.resolve(name, cache), Map.of(), cache);
    }

    private static Map<String, OnnxTensor> inputs(PreparedModel model) throws OrtException {
        Map<String, TensorType> types = new HashMap<>();
        model.graph().inputs().forEach(input -> types.put(input, model.graph().type(input).orElseThrow()));
        return SyntheticInputs.create(OrtEnvironment.getEnvironment(), types, 3);
    }

    /** Every layer that could side by side, so that threads are divided. */
    private static EnginePlan plan(PreparedModel model) {
        EnginePlan plan = EnginePlanner.plan(
                model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, new SideBySide.Everywhere(), THREADS);
        List<Integer> shares = plan.steps().stream().map(PlanStep::threads).toList();
        assertTrue(shares.stream().anyMatch(count -> count > 1 && count < THREADS), "nothing beside others has several: " + shares);
        ThreadShareVerifier.verify(plan, (count, macs) -> ThreadShares.time(macs, count));
        return plan;
    }

    private static LoadedPlan open(EnginePlan plan, PreparedModel model, CpuThreads threads) {
        return LoadedPlan.open(plan, model, EngineOptions.defaults(cache).withThreads(THREADS), SessionSettings.Spinning.WITHIN_RUN, threads,
                OrtEnvironment.getEnvironment());
    }

    private static void assertSameBits(Map<String, OnnxTensor> expected, Map<String, OnnxTensor> found) {
        assertEquals(expected.keySet(), found.keySet());
        found.forEach((name, tensor) -> assertArrayEquals(floats(expected.get(name)), floats(tensor), 0));
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
