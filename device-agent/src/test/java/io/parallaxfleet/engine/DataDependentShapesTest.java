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
import io.parallaxfleet.graph.OnnxFixture;
import io.parallaxfleet.host.OwnMemory;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.zoo.ModelCatalogue;
import io.parallaxfleet.zoo.ModelSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A detector: the number of its detections changes from run to run, beside a branch of fixed shapes. */
class DataDependentShapesTest {
    private static final int SIDE = ConditionalModels.SIDE;
    private static final int BYTES_OF_A_DETECTION = 2 * Long.BYTES;
    private static final int MANY_RUNS = 2_000;

    @TempDir
    static Path folder;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private PreparedModel model;
    private EnginePlan plan;
    private CpuThreads threads;
    private LoadedPlan loaded;

    @BeforeEach
    void load() {
        // Two heavy branches side by side; what one of them finds leaves it, and is the other's in a later step.
        ConditionalModels parts = new ConditionalModels(9);
        OnnxFixture fixture = new OnnxFixture().input("x", Integer.toString(SIDE), Integer.toString(SIDE))
                .input("marks", Integer.toString(SIDE), Integer.toString(SIDE));
        String features = parts.chain(fixture, "x");
        String others = parts.chain(fixture, "x");
        fixture.node("Add", List.of(features, others), List.of("sum"))
                .node("NonZero", List.of("marks"), List.of("found"))
                .node("Transpose", List.of("found"), List.of("detections"));
        String left = parts.chain(fixture, "sum");
        String right = parts.chain(fixture, "sum");
        fixture.node("Add", List.of(left, right), List.of("refined"))
                .node("GatherND", List.of("refined", "detections"), List.of("scores"))
                .output("detections").output("scores");
        Path file = fixture.write(folder.resolve("detector.onnx"));
        model = ModelPreparation.prepare(new ModelSource("detector", file, Map.of()), Map.of(), folder.resolve("cache"));
        plan = EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, Execution.SPLIT, 2);
        threads = new CpuThreads(2, Scheduling.defaults(), Optional.empty());
        loaded = LoadedPlan.open(plan, model, EngineOptions.defaults(folder.resolve("cache")), SessionSettings.Spinning.OFF, threads,
                environment);
    }

    @AfterEach
    void close() {
        loaded.close();
        threads.close();
    }

    private Map<String, OnnxTensor> inputs(int detections) throws OrtException {
        float[] features = new float[SIDE * SIDE];
        float[] marks = new float[SIDE * SIDE];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) Math.sin(i);
            marks[i] = i < detections ? 1 : 0;
        }
        long[] shape = {SIDE, SIDE};
        return Map.of("x", OnnxTensor.createTensor(environment, FloatBuffer.wrap(features), shape),
                "marks", OnnxTensor.createTensor(environment, FloatBuffer.wrap(marks), shape));
    }

    private EngineRun run(int detections) throws OrtException {
        Map<String, OnnxTensor> inputs = inputs(detections);
        EngineRun run = loaded.run(plan, Long.MAX_VALUE, inputs);
        inputs.values().forEach(OnnxTensor::close);
        return run;
    }

    private static float[] floats(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static long[] longs(OnnxTensor tensor) {
        LongBuffer buffer = tensor.getLongBuffer();
        long[] values = new long[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    /** The step that writes a tensor. */
    private int stepOf(String tensor) {
        int writer = model.graph().producer(tensor).orElseThrow();
        for (int step = 0; step < plan.steps().size(); step++) {
            if (plan.steps().get(step).nodes().contains(writer)) {
                return step;
            }
        }
        throw new AssertionError("no step writes " + tensor);
    }

    @Test
    void everyNumberOfDetectionsGivesWhatPlainOnnxRuntimeGives() throws OrtException {
        assertEquals(Execution.SPLIT, plan.execution());
        try (OrtSession plain = OrtSessions.open(environment, model.originalModel(), SessionSettings.of(1, SessionSettings.Spinning.OFF))) {
            for (int detections : new int[] {3, SIDE * SIDE, 0, 17, 1_000, 0, 3}) {
                try (OrtSession.Result expected = plain.run(inputs(detections))) {
                    EngineRun run = run(detections);
                    assertArrayEquals(longs((OnnxTensor) expected.get("detections").orElseThrow()),
                            longs(run.outputs().get("detections")));
                    assertArrayEquals(floats((OnnxTensor) expected.get("scores").orElseThrow()),
                            floats(run.outputs().get("scores")), 1e-4f);
                }
            }
        }
    }

    @Test
    void aDetectorWithNonMaxSuppressionAndTopKFindsAsManyAsPlainOnnxRuntime() throws OrtException {
        PreparedModel detector = ModelPreparation.prepare(
                ModelCatalogue.resolve("yolov8n_nms", folder), Map.of(), folder.resolve("cache"));
        EngineOptions options = EngineOptions.defaults(folder.resolve("cache")).withThreads(2).withExecution(Execution.SPLIT);
        try (ParallaxEngine engine = ParallaxEngine.load(detector, options);
                OrtSession plain = OrtSessions.open(
                        environment, detector.originalModel(), SessionSettings.of(2, SessionSettings.Spinning.OFF))) {
            List<Long> found = new ArrayList<>();
            for (double noise : new double[] {1, 0, 1}) {
                Map<String, OnnxTensor> image = Map.of("images", image(noise));
                try (OrtSession.Result expected = plain.run(image)) {
                    long detections = ((OnnxTensor) expected.get("scores").orElseThrow()).getInfo().getShape()[0];
                    assertEquals(detections, engine.run(image).outputs().get("scores").getInfo().getShape()[0]);
                    found.add(detections);
                }
            }
            assertEquals(0, found.get(1));
            assertTrue(found.get(0) > 0 && found.get(0).equals(found.get(2)), found.toString());
        }
    }

    /** Uniform noise around grey. */
    private OnnxTensor image(double noise) throws OrtException {
        Random random = new Random(4);
        float[] pixels = new float[3 * 640 * 640];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) (0.5 + noise * (random.nextDouble() - 0.5));
        }
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(pixels), new long[] {1, 3, 640, 640});
    }

    @Test
    void onlyTheStepThatMakesThemGrowsAndSaysByHowMuch() throws OrtException {
        int finder = stepOf("detections");
        EngineRun few = run(10);
        EngineRun many = run(1_000);
        for (int step = 0; step < plan.steps().size(); step++) {
            long growth = many.branches().get(step).arenaPeakBytes() - few.branches().get(step).arenaPeakBytes();
            long ofDetections = step == finder ? 990L * BYTES_OF_A_DETECTION : 0;
            long ofScores = step == stepOf("scores") ? 990L * Float.BYTES : 0;
            assertEquals(ofDetections + ofScores, growth, plan.steps().get(step).name());
        }
    }

    @Test
    void theBudgetOfLaterRunsCountsTheMostThatAStepEverNeeded() throws OrtException {
        int finder = stepOf("detections");
        run(1_000);
        long afterMany = loaded.expectedBytes(finder);
        assertTrue(afterMany >= plan.steps().get(finder).arenaBytes() + 1_000L * BYTES_OF_A_DETECTION);
        run(0);
        assertEquals(afterMany, loaded.expectedBytes(finder));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void numbersThatComeBackTakeNoMoreMemory() throws OrtException, IOException {
        List<Map<String, OnnxTensor>> changing = List.of(inputs(0), inputs(SIDE * SIDE), inputs(100), inputs(SIDE * SIDE / 2));
        runInTurns(changing, 400);
        long settled = residentBytes();
        runInTurns(changing, MANY_RUNS);
        long grown = residentBytes() - settled;
        if (Boolean.getBoolean("parallax.detections.print")) {
            System.out.printf("%d runs: resident memory grew by %d KB%n", MANY_RUNS, grown >> 10);
        }
        // The largest results and half of them, once in four runs each.
        long allResults = MANY_RUNS / 4 * 3 / 2 * (long) SIDE * SIDE * (BYTES_OF_A_DETECTION + Float.BYTES);
        assertTrue(grown < allResults / 4, "resident memory grew by " + grown + " bytes; all results are " + allResults);
    }

    private void runInTurns(List<Map<String, OnnxTensor>> changing, int runs) {
        for (int run = 0; run < runs; run++) {
            loaded.run(plan, Long.MAX_VALUE, changing.get(run % changing.size()));
        }
    }

    private static long residentBytes() throws IOException {
        System.gc();
        return OwnMemory.residentBytes();
    }
}
