package io.parallaxfleet.engine;

import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.execute.TensorStore;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What runs each step of an open plan, and where that really is: a step whose region the accelerator refuses, or fails, moves to the
 * CPU for good. Steps may run at once, each on one thread at a time; everything else is for between runs.
 */
final class StepKernels implements AutoCloseable {
    private final EnginePlan plan;
    private final StepOpener opener;
    private final List<StepKernel> kernels = new ArrayList<>();
    private final Fallback[] fallbacks;
    /** Steps that hold something between runs, mostly none: what comes before and after the steps of a run asks no others. */
    private int[] holding = {};

    private StepKernels(EnginePlan plan, StepOpener opener) {
        this.plan = plan;
        this.opener = opener;
        this.fallbacks = new Fallback[plan.steps().size()];
    }

    /** Opens every step's sessions and compiles its regions. */
    static StepKernels open(EnginePlan plan, StepOpener opener) {
        StepKernels opened = new StepKernels(plan, opener);
        try {
            for (int step = 0; step < plan.steps().size(); step++) {
                opened.kernels.add(opened.openStep(step));
                NativeHeap.trim();
            }
            opened.noteWhatHolds();
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private StepKernel openStep(int index) {
        PlanStep step = plan.steps().get(index);
        fallbacks[index] = Fallback.NONE;
        if (step.region().isPresent()) {
            try {
                return opener.openOnAccelerator(step.region().get());
            } catch (AcceleratorException e) {
                fallbacks[index] = fallback(e);
            }
        }
        return opener.open(step);
    }

    private void noteWhatHolds() {
        holding = IntStream.range(0, kernels.size()).filter(step -> kernels.get(step).holdsBetweenRuns()).toArray();
    }

    int size() {
        return kernels.size();
    }

    StepKernel get(int step) {
        return kernels.get(step);
    }

    void run(int index, TensorStore tensors) throws OrtException {
        try {
            kernels.get(index).run(tensors);
        } catch (AcceleratorException e) {
            // The device failed in the middle of a run, which goes on.
            kernels.get(index).close();
            fallbacks[index] = fallback(e);
            StepKernel onCpu = opener.open(plan.steps().get(index));
            kernels.set(index, onCpu);
            noteWhatHolds();
            onCpu.run(tensors);
        }
    }

    /** Runs every step's kernel once more on the tensors of the last run, one after another, and nothing else. */
    void repeat() throws OrtException {
        for (int step = 0; step < kernels.size(); step++) {
            kernels.get(step).repeat();
        }
    }

    /** Lets go of what the last run left inside steps. */
    void releaseRun() {
        for (int step : holding) {
            kernels.get(step).releaseRun();
        }
    }

    /** Steps whose arenas a run may let grow. Not a copy. */
    int[] growing() {
        return holding;
    }

    /** What the run-sized tensors of a step took in the last run. */
    long grownBytes(int step) {
        return kernels.get(step).grownBytes();
    }

    /** The same of all steps. */
    long grownBytes() {
        long bytes = 0;
        for (int step : holding) {
            bytes += kernels.get(step).grownBytes();
        }
        return bytes;
    }

    /** Of a step, or of the first step of a sub-graph's plan that fell back. */
    Fallback fallback(int index) {
        return fallbacks[index] == Fallback.NONE && kernels.get(index) instanceof BodyRunner bodies ? bodies.fallback() : fallbacks[index];
    }

    /** Why a step of the plan does not run where it was planned; NONE where all do. */
    Fallback fallback() {
        return IntStream.range(0, fallbacks.length).mapToObj(this::fallback).filter(why -> why != Fallback.NONE).findFirst()
                .orElse(Fallback.NONE);
    }

    private static Fallback fallback(AcceleratorException e) {
        return switch (e.failure()) {
            case OUT_OF_DEVICE_MEMORY -> Fallback.OUT_OF_DEVICE_MEMORY;
            case KERNEL_FAILURE -> Fallback.KERNEL_FAILURE;
            case DEVICE_LOST -> Fallback.DEVICE_LOST;
        };
    }

    @Override
    public void close() {
        List<OrtException> failures = new ArrayList<>();
        for (StepKernel kernel : kernels) {
            try {
                kernel.close();
            } catch (OrtException e) {
                failures.add(e);
            }
        }
        kernels.clear();
        if (!failures.isEmpty()) {
            throw new EngineException("a session of plan " + plan.id() + " did not close", failures.get(0));
        }
    }
}
