package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.TensorStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Runs an If: reads the condition and runs the plan of the sub-graph that it chooses. The results stay where that plan put them,
 * until it runs again.
 */
final class ConditionalStep implements BodyRunner {
    private final Conditional conditional;
    private final List<String> outputs;
    private final LoadedPlan whenTrue;
    private final LoadedPlan whenFalse;
    private final CpuThreads threads;
    private final LongSupplier budgetBytes;
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    /** The plan of the last run; null before the first. */
    private LoadedPlan chosen;
    private long startNanos;
    private long endNanos;
    private long grownBytes;

    /**
     * Takes ownership of the plans and the threads.
     *
     * @param outputs of the If by position; an absent one is the empty string
     * @param budgetBytes memory budget of the run in progress
     */
    ConditionalStep(
            Conditional conditional, List<String> outputs, LoadedPlan whenTrue, LoadedPlan whenFalse, CpuThreads threads,
            LongSupplier budgetBytes) {
        this.conditional = conditional;
        this.outputs = List.copyOf(outputs);
        this.whenTrue = whenTrue;
        this.whenFalse = whenFalse;
        this.threads = threads;
        this.budgetBytes = budgetBytes;
    }

    @Override
    public void run(TensorStore tensors) {
        chosen = holds(tensors) ? whenTrue : whenFalse;
        List<String> wanted = chosen.inputs();
        for (int input = 0; input < wanted.size(); input++) {
            inputs.put(wanted.get(input), tensors.tensor(wanted.get(input)));
        }
        startNanos = System.nanoTime();
        chosen.executeAsBody(budgetBytes.getAsLong(), inputs);
        endNanos = System.nanoTime();
        grownBytes = chosen.grownBytes();
        List<String> results = chosen.outputs();
        for (int position = 0; position < outputs.size(); position++) {
            if (!outputs.get(position).isEmpty()) {
                tensors.publish(outputs.get(position), chosen.output(results.get(position)));
            }
        }
    }

    private boolean holds(TensorStore tensors) {
        return tensors.firstByte(conditional.condition()) != 0;
    }

    @Override
    public void repeat() throws OrtException {
        chosen.repeatKernels();
    }

    @Override
    public long kernelStartNanos() {
        return startNanos;
    }

    @Override
    public long kernelEndNanos() {
        return endNanos;
    }

    @Override
    public long pauseNanos() {
        return chosen == null ? 0 : chosen.times().kernelTimes().outsideNanos(startNanos, endNanos);
    }

    @Override
    public long grownBytes() {
        return grownBytes;
    }

    @Override
    public Fallback fallback() {
        return whenTrue.fallback() == Fallback.NONE ? whenFalse.fallback() : whenTrue.fallback();
    }

    @Override
    public void forgetTimes() {
        whenTrue.times().forget();
        whenFalse.times().forget();
    }

    @Override
    public void reportTimes(List<BodyBranchRun> into) {
        whenTrue.times().report(into);
        whenFalse.times().report(into);
    }

    @Override
    public void releaseRun() {
        inputs.replaceAll((input, tensor) -> null);
        whenTrue.releaseRun();
        whenFalse.releaseRun();
    }

    @Override
    public void close() throws OrtException {
        whenTrue.close();
        whenFalse.close();
        threads.close();
    }
}
