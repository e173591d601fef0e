package io.parallaxfleet.bench;

import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.engine.RunResult;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.TensorTypes;
import io.parallaxfleet.graph.proto.GraphProto;
import io.parallaxfleet.graph.proto.ModelProto;
import io.parallaxfleet.graph.proto.NodeProto;
import io.parallaxfleet.graph.proto.OperatorSetIdProto;
import io.parallaxfleet.graph.proto.TensorProto;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Has the JVM compile what a run of the engine goes through, on a model of 50 us that forks and joins: what an agent has after some
 * thousand inferences a benchmark of some hundred of a large model never gets to, and would measure its interpreter.
 */
final class EngineCompilation {
    /** The JVM's last compiler takes what was called 5 000 times, or 15 000 where an earlier one had it. */
    private static final int RUNS = 20_000;

    private static final int SIDE = 64;
    private static final int PRODUCTS_OF_A_SIDE = 5;
    private static final TensorType SQUARE = TensorType.of(ElementType.FLOAT, SIDE, SIDE);

    private EngineCompilation() {}

    /** @param options threads and what else decides the path that is taken */
    static void warmUp(EngineOptions options) {
        try {
            Path folder = Files.createTempDirectory("parallax-warm-up");
            try {
                run(prepare(folder), options);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the model to warm up with cannot be written", e);
        }
    }

    private static void run(PreparedModel model, EngineOptions options) {
        RunResult result = new RunResult();
        try (ParallaxEngine engine = ParallaxEngine.load(model, options.withExecution(Execution.SPLIT));
                ModelInputs inputs = ModelInputs.of(model)) {
            for (int run = 0; run < RUNS; run++) {
                engine.run(inputs.tensors(), result);
            }
        }
    }

    private static PreparedModel prepare(Path folder) throws IOException {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("fork").addInput(TensorTypes.info("x", SQUARE));
        Random random = new Random(1);
        for (String side : List.of("left", "right")) {
            String from = "x";
            for (int product = 0; product < PRODUCTS_OF_A_SIDE; product++) {
                TensorProto.Builder weights = TensorProto.newBuilder()
                        .setName(side + ".weights" + product).setDataType(ElementType.FLOAT.onnxCode()).addDims(SIDE).addDims(SIDE);
                for (int i = 0; i < SIDE * SIDE; i++) {
                    weights.addFloatData((float) random.nextGaussian() / SIDE);
                }
                String to = side + product;
                graph.addInitializer(weights).addNode(node("MatMul", to, from, weights.getName()));
                from = to;
            }
        }
        int last = PRODUCTS_OF_A_SIDE - 1;
        graph.addNode(node("Sub", "y", "left" + last, "right" + last)).addOutput(TensorTypes.info("y", SQUARE));
        Path file = folder.resolve("fork.onnx");
        Files.write(file, ModelProto.newBuilder().setIrVersion(8)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17)).setGraph(graph).build().toByteArray());
        return ModelPreparation.prepare(new ModelSource("fork", file, Map.of()), Map.of(), folder);
    }

    private static NodeProto node(String type, String output, String... inputs) {
        return NodeProto.newBuilder().setOpType(type).setName(output).addAllInput(List.of(inputs)).addOutput(output).build();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
