package io.parallaxfleet.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentCutterTest {
    private static final double TOLERANCE = 1e-5;

    @TempDir
    static Path cache;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();

    private static PreparedModel prepare(String name) {
        return ModelPreparation.prepare(ModelCatalogue.resolve(name, cache.resolve("zoo")), Map.of(), cache.resolve("prepared"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"squeezenet1_1", "synthetic_early_exit_if", "synthetic_greedy_loop", "all-minilm-l6-v2"})
    void halvesOfAModelGiveWhatTheWholeGives(String name) throws OrtException {
        PreparedModel model = prepare(name);
        ModelGraph graph = model.graph();
        Map<String, TensorType> inputs = new HashMap<>();
        graph.inputs().forEach(input -> inputs.put(input, graph.type(input).orElseThrow()));
        Map<String, OnnxTensor> fed = SyntheticInputs.create(environment, inputs, 7);
        Map<String, OnnxTensor> known = new HashMap<>(fed);
        List<OrtSession.Result> held = new ArrayList<>();
        try {
            int middle = graph.size() / 2;
            for (Path half : List.of(cut(model, 0, middle), cut(model, middle, graph.size()))) {
                OrtSession.Result result = run(half, known, SessionOptions.OptLevel.NO_OPT);
                held.add(result);
                result.forEach(output -> known.put(output.getKey(), (OnnxTensor) output.getValue()));
            }
            OrtSession.Result whole = run(model.originalModel(), fed, SessionOptions.OptLevel.ALL_OPT);
            held.add(whole);
            for (Map.Entry<String, OnnxValue> output : whole) {
                assertClose(output.getKey(), (OnnxTensor) output.getValue(), known.get(output.getKey()));
            }
        } finally {
            held.forEach(OrtSession.Result::close);
            fed.values().forEach(OnnxTensor::close);
        }
    }

    @Test
    void theSameCutIsTheSameFile() {
        PreparedModel model = prepare("squeezenet1_1");

        assertEquals(cut(model, 3, 9), cut(model, 3, 9));
    }

    @Test
    void namesTheTensorThatACutForgets() {
        PreparedModel model = prepare("squeezenet1_1");
        String missing = model.graph().node(1).inputs().get(0);

        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> model.extract(List.of(1), List.of(), model.graph().node(1).outputs()));

        assertTrue(refusal.getMessage().contains(missing), refusal.getMessage());
    }

    private static Path cut(PreparedModel model, int from, int to) {
        ModelGraph graph = model.graph();
        List<Integer> nodes = IntStream.range(from, to).boxed().toList();
        Set<String> written = new LinkedHashSet<>();
        Set<String> inputs = new LinkedHashSet<>();
        for (int node : nodes) {
            graph.node(node).reads()
                    .filter(tensor -> !graph.isInitializer(tensor) && !written.contains(tensor))
                    .forEach(inputs::add);
            graph.node(node).writes().forEach(written::add);
        }
        List<String> outputs = written.stream()
                .filter(tensor -> graph.outputs().contains(tensor)
                        || graph.consumers(tensor).stream().anyMatch(reader -> reader < from || reader >= to))
                .toList();
        return model.extract(nodes, List.copyOf(inputs), outputs);
    }

    private OrtSession.Result run(Path model, Map<String, OnnxTensor> known, SessionOptions.OptLevel level) throws OrtException {
        try (SessionOptions options = new SessionOptions()) {
            options.setOptimizationLevel(level);
            // A tensor that grows in a loop is no news.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            try (OrtSession session = environment.createSession(model.toString(), options)) {
                Map<String, OnnxTensor> fed = new HashMap<>();
                session.getInputNames().forEach(input -> fed.put(input, known.get(input)));
                return session.run(fed);
            }
        }
    }

    private static void assertClose(String name, OnnxTensor expected, OnnxTensor actual) {
        FloatBuffer left = expected.getFloatBuffer();
        if (left == null) {
            assertEquals(expected.getLongBuffer(), actual.getLongBuffer(), name);
            return;
        }
        FloatBuffer right = actual.getFloatBuffer();
        assertEquals(left.remaining(), right.remaining(), name);
        double largest = 0;
        double difference = 0;
        while (left.hasRemaining()) {
            float value = left.get();
            assertTrue(Float.isFinite(value), name + " is not finite");
            largest = Math.max(largest, Math.abs(value));
            difference = Math.max(difference, Math.abs(value - right.get()));
        }
        assertTrue(difference <= TOLERANCE * largest, name + " differs by " + difference + " where the largest value is " + largest);
    }
}
