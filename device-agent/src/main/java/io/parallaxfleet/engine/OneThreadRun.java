package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.Map;
import java.util.Optional;

/**
 * A plan's steps one after another on one thread: T1 of its parallel efficiency {@code T1 / (p * Tp)}. The cuts, the segments and the
 * places of tensors are those of the plan. Not thread-safe.
 */
public final class OneThreadRun implements AutoCloseable {
    private final EnginePlan plan;
    private final CpuThreads threads;
    private final LoadedPlan loaded;

    private OneThreadRun(EnginePlan plan, CpuThreads threads, LoadedPlan loaded) {
        this.plan = plan;
        this.threads = threads;
        this.loaded = loaded;
    }

    /**
     * Opens the plan's sessions once more, with one thread each.
     *
     * @param plan a plan of the model
     */
    public static OneThreadRun open(PreparedModel model, EngineOptions options, EnginePlan plan) {
        CpuThreads threads = new CpuThreads(1, options.scheduling(), Optional.empty());
        try {
            EnginePlan onOne = plan.onOneThread();
            return new OneThreadRun(onOne, threads,
                    LoadedPlan.open(onOne, model, options, Spinning.OFF, threads, OrtEnvironment.getEnvironment()));
        } catch (RuntimeException e) {
            threads.close();
            throw e;
        }
    }

    public void run(Map<String, OnnxTensor> inputs, RunResult into) {
        loaded.run(plan, Long.MAX_VALUE, inputs, into);
    }

    @Override
    public void close() {
        loaded.close();
        threads.close();
    }
}
