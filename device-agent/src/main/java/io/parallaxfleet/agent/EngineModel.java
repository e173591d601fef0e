package io.parallaxfleet.agent;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.engine.EngineOptions;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.ParallaxEngine;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.partition.Region;
import io.parallaxfleet.partition.SubRegions;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.workload.WorkModel;
import io.parallaxfleet.zoo.SyntheticInputs;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A model on the Parallax engine with made-up inputs. */
final class EngineModel implements WorkModel {
    private final String name;
    private final ParallaxEngine engine;
    private final OperatorSupport support;
    private final Map<String, OnnxTensor> inputs;

    private EngineModel(String name, ParallaxEngine engine, OperatorSupport support, Map<String, OnnxTensor> inputs) {
        this.name = name;
        this.engine = engine;
        this.support = support;
        this.inputs = inputs;
    }

    /**
     * @param label what people are told of it: the model's name, with its shapes where it has several
     * @throws ModelFormatException when ONNX Runtime takes no made-up inputs for the model
     */
    static EngineModel load(String label, PreparedModel model, EngineOptions options, long seed) {
        ParallaxEngine engine = ParallaxEngine.load(model, options);
        try {
            Map<String, OnnxTensor> inputs = SyntheticInputs.create(OrtEnvironment.getEnvironment(), engine.inputs(), seed);
            OperatorSupport support = options.accelerator().map(OperatorSupport.class::cast).orElse(OperatorSupport.none());
            return new EngineModel(label, engine, support, inputs);
        } catch (OrtException | RuntimeException e) {
            engine.close();
            throw new ModelFormatException(model.name() + ": no inputs can be made for it (" + e.getMessage() + ")", e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public EnginePlan plan() {
        return engine.plan();
    }

    @Override
    public EnginePlan adopt(DelegationPolicy policy, long epoch) {
        return engine.adopt(policy, epoch);
    }

    @Override
    public EnginePlan prepare(DelegationPolicy policy, long epoch) {
        return engine.prepare(policy, epoch);
    }

    @Override
    public void release(EnginePlan plan) {
        engine.release(plan);
    }

    @Override
    public EngineRun run() {
        return engine.run(inputs);
    }

    @Override
    public EngineRun run(EnginePlan plan) {
        return engine.run(plan, inputs);
    }

    @Override
    public Optional<Region> drawRegion(RandomGenerator random) {
        return SubRegions.draw(engine.graph(), support, random);
    }

    @Override
    public void close() {
        engine.close();
        inputs.values().forEach(OnnxTensor::close);
    }
}
