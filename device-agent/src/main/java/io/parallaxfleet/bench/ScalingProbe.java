package io.parallaxfleet.bench;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.parallaxfleet.engine.EngineException;
import io.parallaxfleet.graph.OnnxModel;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.prepare.PreparedModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What every operator of a model takes in plain ONNX Runtime, on one thread and on all, by its profiler. The operators are those
 * that ONNX Runtime really runs: the graph is optimised for this machine first, written down with a name for each node, and
 * profiled as it stands.
 *
 * @param operators in topological order
 * @param oneThreadNanos median latency of an inference on one thread, profiling included
 * @param allThreadsNanos on all threads
 */
record ScalingProbe(List<ScalingBound.Operator> operators, long oneThreadNanos, long allThreadsNanos) {
    private static final int WARM_UP_RUNS = 3;
    private static final int RUNS_OF_A_TURN = 5;
    private static final int TURNS = 4;
    private static final String WEIGHTS = "all.weights";
    private static final String KERNEL = "_kernel_time";
    private static final long NANOS_PER_MICRO = 1_000;

    /** Profiles the model with one thread and with all in turns. */
    static ScalingProbe measure(PreparedModel model, int threads) {
        try {
            Path folder = Files.createTempDirectory("parallax-scaling");
            try {
                return measure(model, threads, folder);
            } finally {
                deleteWithContent(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the profile of " + model.name() + " cannot be written or read", e);
        } catch (OrtException e) {
            throw new EngineException("ONNX Runtime cannot profile " + model.name() + ": " + e.getMessage(), e);
        }
    }

    private static ScalingProbe measure(PreparedModel model, int threads, Path folder) throws IOException, OrtException {
        Path file = folder.resolve("named.onnx");
        GraphProto graph = writeAsItRuns(model, folder, file);
        try (ModelInputs inputs = ModelInputs.of(model);
                OrtSession one = open(file, 1, folder.resolve("one"), model);
                OrtSession all = open(file, threads, folder.resolve("all"), model)) {
            for (int turn = 0; turn < TURNS; turn++) {
                for (OrtSession session : List.of(one, all)) {
                    Pacing.pause(Pacing.SETTLING);
                    for (int run = 0; run < WARM_UP_RUNS + RUNS_OF_A_TURN; run++) {
                        session.run(inputs.tensors()).close();
                    }
                }
            }
            Map<String, Long> onOne = medians(Path.of(one.endProfiling()));
            Map<String, Long> onAll = medians(Path.of(all.endProfiling()));
            return new ScalingProbe(operators(graph, onOne, onAll), onOne.get("model_run"), onAll.get("model_run"));
        }
    }

    private static GraphProto writeAsItRuns(PreparedModel model, Path folder, Path named) throws IOException, OrtException {
        Path raw = folder.resolve("all.onnx");
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
            options.setOptimizedModelFilePath(raw.toString());
            options.addConfigEntry("session.optimized_model_external_initializers_file_name", WEIGHTS);
            options.addConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024");
            bind(options, model);
            OrtEnvironment.getEnvironment().createSession(model.originalModel().toString(), options).close();
        }
        ModelProto.Builder proto = OnnxModel.parse(raw).toBuilder();
        GraphProto.Builder graph = proto.getGraphBuilder();
        for (int node = 0; node < graph.getNodeCount(); node++) {
            graph.getNodeBuilder(node).setName("n" + node);
        }
        Files.write(named, proto.build().toByteArray());
        return graph.build();
    }

    private static OrtSession open(Path file, int threads, Path profile, PreparedModel model) throws OrtException {
        try (SessionOptions options = new SessionOptions()) {
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setOptimizationLevel(SessionOptions.OptLevel.NO_OPT);
            options.setIntraOpNumThreads(threads);
            options.enableProfiling(profile.toString());
            bind(options, model);
            return OrtEnvironment.getEnvironment().createSession(file.toString(), options);
        }
    }

    private static void bind(SessionOptions options, PreparedModel model) throws OrtException {
        for (Map.Entry<String, Long> dimension : model.boundDimensions().entrySet()) {
            options.setSymbolicDimensionValue(dimension.getKey(), dimension.getValue());
        }
    }

    /** Median duration of every event that comes once a run, without the runs that warm up. */
    private static Map<String, Long> medians(Path profile) throws IOException {
        Map<String, List<Long>> durations = new HashMap<>();
        for (JsonNode event : new ObjectMapper().readTree(profile.toFile())) {
            String name = event.path("name").asText();
            if (name.equals("model_run") || name.endsWith(KERNEL)) {
                durations.computeIfAbsent(name, key -> new ArrayList<>()).add(event.path("dur").asLong() * NANOS_PER_MICRO);
            }
        }
        Map<String, Long> medians = new HashMap<>();
        durations.forEach((name, all) -> medians.put(name, medianOfTimedRuns(all)));
        return medians;
    }

    private static long medianOfTimedRuns(List<Long> all) {
        int turn = WARM_UP_RUNS + RUNS_OF_A_TURN;
        long[] timed = new long[all.size()];
        int count = 0;
        for (int run = 0; run < all.size(); run++) {
            if (run % turn >= WARM_UP_RUNS || all.size() != TURNS * turn) {
                timed[count++] = all.get(run);
            }
        }
        long[] sorted = Arrays.copyOf(timed, count);
        Arrays.sort(sorted);
        return sorted[count / 2];
    }

    private static List<ScalingBound.Operator> operators(GraphProto graph, Map<String, Long> onOne, Map<String, Long> onAll) {
        Map<String, Integer> writers = new HashMap<>();
        List<ScalingBound.Operator> operators = new ArrayList<>();
        for (int node = 0; node < graph.getNodeCount(); node++) {
            NodeProto proto = graph.getNode(node);
            Set<Integer> predecessors = new LinkedHashSet<>();
            proto.getInputList().stream().filter(writers::containsKey).map(writers::get).forEach(predecessors::add);
            String event = "n" + node + KERNEL;
            operators.add(new ScalingBound.Operator(proto.getOpType(), List.copyOf(predecessors), onOne.getOrDefault(event, 0L),
                    onAll.getOrDefault(event, 0L)));
            for (String output : proto.getOutputList()) {
                writers.put(output, node);
            }
        }
        return operators;
    }

    private static void deleteWithContent(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
