package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.Map;

/**
 * Runs one prepared model by the plan in force. {@link #adopt} and {@link #prepare} may be called from another thread than
 * {@link #run}: the plan in force serves until the new one is built, and is swapped between runs. One run at a time.
 */
public final class ParallaxEngine implements AutoCloseable {
    /** Plans the model and builds its sessions. */
    public static ParallaxEngine load(PreparedModel model, EngineOptions options) {
        throw new UnsupportedOperationException("in the making");
    }

    /** The optimised graph. */
    public ModelGraph graph() {
        throw new UnsupportedOperationException("in the making");
    }

    /** Inputs that {@link #run} wants, by name, with bound shapes. */
    public Map<String, TensorType> inputs() {
        throw new UnsupportedOperationException("in the making");
    }

    /** The plan in force. */
    public EnginePlan plan() {
        throw new UnsupportedOperationException("in the making");
    }

    /** Re-plans under a new policy while the old plan serves, then swaps; returns the plan now in force. */
    public EnginePlan adopt(DelegationPolicy policy, long epoch) {
        throw new UnsupportedOperationException("in the making");
    }

    /** Builds a plan without putting it in force, for {@link #run(EnginePlan, Map)}: how exploration runs. */
    public EnginePlan prepare(DelegationPolicy policy, long epoch) {
        throw new UnsupportedOperationException("in the making");
    }

    /** Gives back the sessions of a plan that {@link #prepare} built; the plan in force stays. */
    public void release(EnginePlan plan) {
        throw new UnsupportedOperationException("in the making");
    }

    /** Runs the plan in force. */
    public EngineRun run(Map<String, OnnxTensor> inputs) {
        throw new UnsupportedOperationException("in the making");
    }

    /** Runs a plan that {@link #prepare} built. */
    public EngineRun run(EnginePlan plan, Map<String, OnnxTensor> inputs) {
        throw new UnsupportedOperationException("in the making");
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException("in the making");
    }
}
