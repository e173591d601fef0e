package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.ShapeAdaptiveEngine;
import io.parallaxfleet.engine.ShapeBuild;
import io.parallaxfleet.engine.ShapedRun;
import io.parallaxfleet.zoo.ModelSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** The engine with a plan for each shape. */
final class ShapesContender implements Contender {
    private final ShapeAdaptiveEngine engine;
    private final int shapes;

    ShapesContender(ModelSource source, List<Map<String, Long>> shapes, EngineOptions options) {
        this(source, shapes, options, shapes.size());
    }

    /** @param loaded how many shapes keep their sessions */
    ShapesContender(ModelSource source, List<Map<String, Long>> shapes, EngineOptions options, int loaded) {
        this.engine = ShapeAdaptiveEngine.load(source, shapes.get(0), options, loaded);
        this.shapes = shapes.size();
    }

    /** Runs a shape and waits until its plan is in force. */
    void meet(Map<String, OnnxTensor> inputs) {
        engine.run(inputs);
        try {
            engine.awaitBuilt();
        } catch (InterruptedException e) {
            throw new CancellationException("stopped; nothing was measured to its end");
        }
        if (!(engine.run(inputs) instanceof ShapedRun.Planned)) {
            throw new IllegalArgumentException("the engine has no plan for a shape: " + engine.refusals());
        }
    }

    List<ShapeBuild> builds() {
        return engine.lastBuilds();
    }

    @Override
    public String name() {
        return Contenders.ENGINE;
    }

    @Override
    public boolean peer() {
        return false;
    }

    @Override
    public String setting() {
        return shapes + " shapes";
    }

    @Override
    public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
        ShapedRun run = engine.run(inputs);
        outputs.read(run.outputs());
        return run.latencyNanos();
    }

    @Override
    public void close() {
        engine.close();
    }
}
