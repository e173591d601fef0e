package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import java.util.Map;

/**
 * What a run left, in an object of the caller's that the next run overwrites: who runs again and again with one allocates nothing but
 * what ONNX Runtime's Java API does inside each session. {@link ParallaxEngine#run(Map)} reports every step, in new objects.
 *
 * <p>Not thread-safe: for one run at a time, and to be read after it.
 */
public final class RunResult {
    private final KernelTimes kernels = new KernelTimes();
    private EnginePlan plan;
    private Map<String, OnnxTensor> outputs = Map.of();
    private long startNanos;
    private long endNanos;

    KernelTimes kernels() {
        return kernels;
    }

    void set(EnginePlan ran, Map<String, OnnxTensor> found, long start, long end) {
        plan = ran;
        outputs = found;
        startNanos = start;
        endNanos = end;
    }

    /** The plan that ran; null before the first run. */
    public EnginePlan plan() {
        return plan;
    }

    /** The output tensors, which are the engine's and valid until the next run of the same plan. A view: the next run changes it. */
    public Map<String, OnnxTensor> outputs() {
        return outputs;
    }

    /** Wall time from inputs ready to outputs ready. */
    public long latencyNanos() {
        return endNanos - startNanos;
    }

    /** What a step of the plan took in its kernels. */
    public long kernelNanos(int step) {
        return kernels.nanos(step);
    }

    /** Of the latency, time in which neither a session of ONNX Runtime nor the accelerator was at work: scheduling and hand-overs. */
    public long outsideKernelsNanos() {
        return kernels.outsideNanos(startNanos, endNanos);
    }
}
