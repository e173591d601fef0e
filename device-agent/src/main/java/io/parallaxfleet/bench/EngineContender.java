package io.parallaxfleet.bench;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.Execution;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.engine.RunResult;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.util.Map;

/** The Parallax engine under the options given. */
public final class EngineContender implements Contender {
    private final String name;
    private final ParallaxEngine engine;
    private final String ablated;
    private final PreparedModel model;
    private final RunResult result = new RunResult();

    public EngineContender(String name, PreparedModel model, EngineOptions options) {
        this.name = name;
        this.ablated = EngineFlags.describe(options);
        this.engine = ParallaxEngine.load(model, options);
        this.model = model;
    }

    /** What was rewritten, where the rewritten model runs; found anew, which takes memory that a measured process should not need. */
    private String rules() {
        return engine.plan().execution() == Execution.REWRITTEN
                ? RewrittenModel.of(model).map(rewritten -> " (" + rewritten.summary() + ")").orElse("")
                : "";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean peer() {
        return false;
    }

    @Override
    public String setting() {
        EnginePlan plan = engine.plan();
        return plan.execution() + rules() + ", " + plan.steps().size() + " steps, " + plan.delegatedRegions() + " delegated" + ablated;
    }

    @Override
    public long run(Map<String, OnnxTensor> inputs, OutputReader outputs) {
        engine.run(inputs, result);
        outputs.read(result.outputs());
        return result.latencyNanos();
    }

    @Override
    public void close() {
        engine.close();
    }
}
