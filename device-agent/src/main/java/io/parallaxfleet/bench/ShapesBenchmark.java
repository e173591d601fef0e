package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.ShapeBuild;
import io.parallaxfleet.execute.OutputDifference;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.prepare.ModelPreparation;
import io.parallaxfleet.zoo.ModelSource;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A model whose inputs change shape from run to run: plain ONNX Runtime with its dimensions left open, spinning and not, and the
 * engine with a plan for each shape, in turns within one run of the program. A turn is one pass over all shapes, back to back, in an
 * order that is another for each round and the same for all in it.
 */
final class ShapesBenchmark {
    private static final long ORDER_SEED = 11;
    private static final Duration GRACE_BETWEEN_TURNS = Pacing.SETTLING;

    private final ModelSource source;
    private final List<Map<String, Long>> shapes;
    private final EngineOptions options;
    private final int runs;

    /** @param shapes values of the open dimensions, one entry a shape */
    ShapesBenchmark(ModelSource source, List<Map<String, Long>> shapes, EngineOptions options, int runs) {
        this.source = source;
        this.shapes = shapes;
        this.options = options;
        this.runs = runs;
    }

    /** Runs all; the calling thread may be interrupted, which throws {@link CancellationException}. */
    ShapesReport run() {
        List<Map<String, OnnxTensor>> inputs = new ArrayList<>();
        List<Contender> contenders = new ArrayList<>();
        try {
            for (Map<String, Long> shape : shapes) {
                inputs.add(SyntheticInputs.create(OrtEnvironment.getEnvironment(),
                        ModelPreparation.inputTypes(source, shape), BenchCommand.INPUT_SEED));
            }
            contenders.add(OrtContender.withOpenDimensions("ort-dynamic", source, SessionSettings.of(options.threads(), Spinning.ALWAYS)));
            contenders.add(OrtContender.withOpenDimensions("ort-dynamic-no-spin", source, SessionSettings.of(options.threads(), Spinning.OFF)));
            ShapesContender engine = new ShapesContender(source, shapes, options);
            contenders.add(engine);
            // In the order of the command line: each shape but the first is met for the first time, served and built.
            inputs.forEach(engine::meet);
            double difference = difference(contenders, inputs);
            Map<String, List<ModeSummary>> latencies = time(contenders, inputs);
            return new ShapesReport(source.name(), shapes, latencies, engine.builds(), replanning(inputs), difference);
        } catch (OrtException e) {
            throw new ModelFormatException("no inputs can be made for " + source.path() + ": " + e.getMessage(), e);
        } finally {
            contenders.forEach(Contender::close);
            inputs.forEach(tensors -> tensors.values().forEach(OnnxTensor::close));
        }
    }

    private static double difference(List<Contender> contenders, List<Map<String, OnnxTensor>> inputs) {
        double worst = 0;
        for (Map<String, OnnxTensor> shape : inputs) {
            OutputDifference[] reference = new OutputDifference[1];
            contenders.get(0).run(shape, outputs -> reference[0] = OutputDifference.from(outputs));
            for (Contender contender : contenders) {
                double[] found = new double[1];
                contender.run(shape, outputs -> found[0] = reference[0].of(outputs));
                worst = Math.max(worst, found[0]);
            }
        }
        return worst;
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
                pause(GRACE_BETWEEN_TURNS);
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

    private static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - until < 0) {
            if (Thread.interrupted()) {
                throw new CancellationException("stopped; nothing was measured to its end");
            }
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }
}
