package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import java.util.Map;

/** One inference at the shapes that its inputs had. The output tensors stay valid until the next run. */
public sealed interface ShapedRun {
    Map<String, OnnxTensor> outputs();

    /** Wall time from inputs ready to outputs ready. */
    long latencyNanos();

    /** By the plan for these shapes. */
    record Planned(EngineRun run) implements ShapedRun {
        @Override
        public Map<String, OnnxTensor> outputs() {
            return run.outputs();
        }

        @Override
        public long latencyNanos() {
            return run.latencyNanos();
        }
    }

    /** In one session with open dimensions: the plan for these shapes is being built, or cannot be. */
    record Unplanned(Map<String, OnnxTensor> outputs, long latencyNanos) implements ShapedRun {
        public Unplanned {
            outputs = Map.copyOf(outputs);
        }
    }
}
