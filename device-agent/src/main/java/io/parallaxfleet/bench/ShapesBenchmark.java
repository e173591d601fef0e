package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.ShapeBuild;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.zoo.ModelSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;

/**
 * A model whose inputs change shape from run to run: plain ONNX Runtime with its dimensions left open, spinning and not, and the
 * engine with a plan for each shape, in turns within one run of the program. A turn is one pass over all shapes, back to back, in an
 * order that is another for each round and the same for all in it.
 */
final class ShapesBenchmark {
    private static final long ORDER_SEED = 11;

    private final ModelSource source;
    private final List<Map<String, Long>> shapes;
    private final EngineOptions options;
    private final WarmUp warmUp;
    private final int runs;

    /**
     * @param shapes values of the open dimensions, one entry a shape
     * @param warmUp of which a run is a pass over all shapes
     */
    ShapesBenchmark(ModelSource source, List<Map<String, Long>> shapes, EngineOptions options, WarmUp warmUp, int runs) {
        this.source = source;
        this.shapes = shapes;
        this.options = options;
        this.warmUp = warmUp;
        this.runs = runs;
    }

    /** Runs all; the calling thread may be interrupted, which throws {@link CancellationException}. */
    ShapesReport run() {
        List<ModelInputs> made = new ArrayList<>();
        List<Contender> contenders = new ArrayList<>();
        try {
            shapes.forEach(shape -> made.add(ModelInputs.of(source.path(), ModelPreparation.inputTypes(source, shape))));
            List<Map<String, OnnxTensor>> inputs = made.stream().map(ModelInputs::tensors).toList();
            contenders.add(OrtContender.withOpenDimensions("ort-dynamic", source, SessionSettings.of(options.threads(), Spinning.ALWAYS)));
            contenders.add(OrtContender.withOpenDimensions("ort-dynamic-no-spin", source, SessionSettings.of(options.threads(), Spinning.OFF)));
            ShapesContender engine = new ShapesContender(source, shapes, options);
            contenders.add(engine);
            // In the order of the command line: each shape but the first is met for the first time, served and built.
            inputs.forEach(engine::meet);
            double difference = difference(contenders, inputs);
            warmUp.run(contenders,
                    contender -> inputs.forEach(shape -> contender.run(shape, Contender.OutputReader.none())), System::nanoTime);
            Map<String, List<ModeSummary>> latencies = time(contenders, inputs);
            return new ShapesReport(source.name(), shapes, latencies, engine.builds(), replanning(inputs), difference);
        } finally {
            contenders.forEach(Contender::close);
            made.forEach(ModelInputs::close);
        }
    }

    private static double difference(List<Contender> contenders, List<Map<String, OnnxTensor>> inputs) {
        return inputs.stream()
                .flatMap(shape -> Contenders.differences(contenders, shape).values().stream())
                .mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private Map<String, List<ModeSummary>> time(List<Contender> contenders, List<Map<String, OnnxTensor>> inputs) {
        Map<String, long[][]> nanos = new LinkedHashMap<>();
        contenders.forEach(contender -> nanos.put(contender.name(), new long[inputs.size()][runs]));
        Random random = new Random(ORDER_SEED);
        List<Integer> order = new ArrayList<>(IntStream.range(0, inputs.size()).boxed().toList());
        List<Contender> turns = new ArrayList<>(contenders);
        for (int round = 0; round < runs; round++) {
            Collections.shuffle(order, random);
            Collections.shuffle(turns, random);
            for (Contender contender : turns) {
                Pacing.pause(Pacing.SETTLING);
                // Wakes the threads; what it takes is not counted.
                contender.run(inputs.get(order.get(0)), Contender.OutputReader.none());
                for (int shape : order) {
                    nanos.get(contender.name())[shape][round] = contender.run(inputs.get(shape), Contender.OutputReader.none());
                }
            }
        }
        Map<String, List<ModeSummary>> summaries = new LinkedHashMap<>();
        nanos.forEach((name, byShape) -> summaries.put(
                name, Arrays.stream(byShape).map(of -> ModeSummary.of(of, OptionalLong.empty())).toList()));
        return summaries;
    }

    /** Every shape twice on an engine that holds the sessions of one: the first time it is planned, the second its plan is at hand. */
    private List<ShapeBuild> replanning(List<Map<String, OnnxTensor>> inputs) {
        if (inputs.size() < 2) {
            return List.of();
        }
        try (ShapesContender one = new ShapesContender(source, shapes, options, 1)) {
            for (int visit = 0; visit < 2; visit++) {
                inputs.forEach(one::meet);
            }
            return one.builds();
        }
    }
}
