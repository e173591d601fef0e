package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.graph.ElementType;
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.graph.proto.AttributeProto;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The process that {@link ManyShapesTest} watches: one engine whose inputs change shape every few runs. Writes {@code sample RUN
 * ALLOCATED RESIDENT MAPPINGS FILES} now and then, and {@code planned RUNS evictions COUNT} at the end.
 */
final class ManyShapesSoak {
    static final int RUNS_AT_A_SHAPE = 5;
    private static final int SHAPES_LOADED = 2;
    /** One more than are loaded: sessions and arenas come and go all the time. */
    private static final long[][] TAKING_TURNS = {{4, 16}, {9, 16}, {6, 16}};
    private static final int OTHER_SHAPES_A_SIDE = 45;
    private static final int CHANNELS = 32;
    private static final int WIDTH = 64;

    /** Who holds what a run needs, and whether shapes come back. */
    enum Way {
        SPLIT_IN_THE_PLANS_ARENA(Execution.SPLIT, Graph.PRODUCTS, true),
        SPLIT_IN_THE_SHARED_ARENA(Execution.SPLIT, Graph.CONVOLUTIONS, true),
        ONE_SESSION(Execution.ONE_SESSION, Graph.CONVOLUTIONS, true),
        REWRITTEN(Execution.REWRITTEN, Graph.NORMALISED_PRODUCTS, true),
        EVER_OTHER_SHAPES(Execution.SPLIT, Graph.PRODUCTS, false);

        private final Execution execution;
        private final Graph graph;
        private final boolean shapesComeBack;

        Way(Execution execution, Graph graph, boolean shapesComeBack) {
            this.execution = execution;
            this.graph = graph;
            this.shapesComeBack = shapesComeBack;
        }

        private long[] shape(int number) {
            return shapesComeBack
                    ? TAKING_TURNS[number % TAKING_TURNS.length]
                    : new long[] {4 + number % OTHER_SHAPES_A_SIDE, 16 + number / OTHER_SHAPES_A_SIDE % OTHER_SHAPES_A_SIDE};
        }
    }

    private enum Graph {
        PRODUCTS,
        /** What a rule that holds on every processor finds something in. */
        NORMALISED_PRODUCTS,
        CONVOLUTIONS;

        private TensorType input(long[] shape) {
            return this == CONVOLUTIONS
                    ? TensorType.of(ElementType.FLOAT, shape[0], CHANNELS, shape[1], 16)
                    : TensorType.of(ElementType.FLOAT, shape[0], shape[1], WIDTH);
        }
    }

    private ManyShapesSoak() {}

    /** {@code WAY FOLDER RUNS RUNS_A_SAMPLE}. */
    public static void main(String[] arguments) throws OrtException, InterruptedException {
        Way way = Way.valueOf(arguments[0]);
        Path folder = Path.of(arguments[1]);
        int runs = Integer.parseInt(arguments[2]);
        int runsOfASample = Integer.parseInt(arguments[3]);
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(way.execution);
        long[] first = way.shape(0);
        try (ShapeAdaptiveEngine engine = ShapeAdaptiveEngine.load(
                forked(way.graph, folder), Map.of("n", first[0], "m", first[1]), options, SHAPES_LOADED)) {
            int planned = 0;
            for (int run = 0; run < runs; run += RUNS_AT_A_SHAPE) {
                planned += serve(engine, way, way.shape(run / RUNS_AT_A_SHAPE));
                if (run % runsOfASample == 0) {
                    NativeMemory memory = NativeMemory.now();
                    System.out.println("sample " + run + " " + memory.allocatedBytes() + " " + memory.residentBytes() + " "
                            + memory.mappings() + " " + memory.openFiles());
                }
            }
            System.out.println("planned " + planned + " evictions " + engine.counts().evictions());
        }
    }

    /** How many of the runs were by a plan of the shape. */
    private static int serve(ShapeAdaptiveEngine engine, Way way, long[] shape) throws OrtException, InterruptedException {
        Map<String, OnnxTensor> inputs =
                SyntheticInputs.create(OrtEnvironment.getEnvironment(), Map.of("x", way.graph.input(shape)), 5);
        int planned = 0;
        for (int run = 0; run < RUNS_AT_A_SHAPE; run++) {
            if (engine.run(inputs) instanceof ShapedRun.Planned byPlan) {
                if (byPlan.run().plan().execution() != way.execution) {
                    throw new IllegalStateException("it ran " + byPlan.run().plan().execution());
                }
                planned++;
            } else {
                engine.awaitBuilt();
            }
        }
        inputs.values().forEach(OnnxTensor::close);
        return planned;
    }

    /** Two chains of four side by side; the first dimensions are open. */
    private static ModelSource forked(Graph graph, Path folder) {
        Random random = new Random(3);
        boolean convolutions = graph == Graph.CONVOLUTIONS;
        OnnxFixture model = convolutions
                ? new OnnxFixture().input("x", "n", Integer.toString(CHANNELS), "m", "16")
                : new OnnxFixture().input("x", "n", "m", Integer.toString(WIDTH));
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
            if (graph == Graph.NORMALISED_PRODUCTS) {
                model.initializer(OnnxFixture.floats("scale" + side, List.of((long) WIDTH), random(random, WIDTH)));
                model.node("LayerNormalization", List.of(from, "scale" + side, "scale" + side), List.of(side));
            } else {
                model.node("Relu", List.of(from), List.of(side));
            }
        }
        Path file = model.node("Sub", List.of("left", "right"), List.of("y")).output("y").write(folder.resolve(graph + ".onnx"));
        return new ModelSource("forked", file, Map.of());
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (random.nextFloat() - 0.5f) / 16;
        }
        return values;
    }
}
