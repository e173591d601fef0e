package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.AcceleratorRegion;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.RunRecord;
import io.parallaxfleet.schedule.TaskFailedException;
import io.parallaxfleet.schedule.TaskRunner;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/** A plan with its sessions, compiled regions and arena. One run at a time; owns native memory until closed. */
final class LoadedPlan implements AutoCloseable {
    private final EnginePlan plan;
    private final PreparedModel model;
    private final EngineOptions options;
    private final CpuThreads threads;
    private final TensorStore tensors;
    private final StepOpener opener;
    private final List<StepKernel> kernels = new ArrayList<>();
    private final Fallback[] fallbacks;
    private final RunRecord record;
    private final BodyTimes bodyTimes;
    private final StepTasks tasks;
    private final TaskRunner runner = this::runStep;
    private final IntToLongFunction grown = this::grownBytes;
    private final KernelTimes kernelTimes = new KernelTimes();
    /** Of the last run; those at planned places are the same in every run. */
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputsView = Collections.unmodifiableMap(outputs);
    /** Budget of the run in progress; written before its steps start. */
    private long budgetBytes;
    private long runs;
    private boolean ran;

    private LoadedPlan(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads,
            ByteBuffer arena, OrtEnvironment environment)
            throws OrtException {
        this.plan = plan;
        this.model = model;
        this.options = options;
        this.threads = threads;
        this.fallbacks = new Fallback[plan.steps().size()];
        this.record = new RunRecord(plan.steps().size());
        this.bodyTimes = new BodyTimes(plan.steps().size());
        this.tasks = new StepTasks(plan.steps(), threads.bound());
        Map<String, TensorType> types = new HashMap<>();
        for (String tensor : plan.crossing().offsets().keySet()) {
            types.put(tensor, model.graph().type(tensor).orElseThrow());
        }
        this.tensors = new TensorStore(environment, arena, plan.crossing().offsets(), types, model.graph().inputs(),
                plan.handedOn().isEmpty() ? Optional.empty() : Optional.of(plan.alternating()));
        this.opener = new StepOpener(plan, model, options, spinning, threads, tensors, () -> budgetBytes, environment);
    }

    /**
     * Opens the plan's sessions and compiles its regions. A region that the accelerator refuses is opened on the CPU and its
     * step reports the fallback.
     *
     * @param spinning what the threads of wide CPU sessions do between pieces of work; where there are several sessions they
     *     never spin between runs, since they would spin against each other
     * @param threads what runs the plan; the caller closes it, after the plan
     */
    static LoadedPlan open(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads,
            OrtEnvironment environment) {
        return open(plan, model, options, spinning, threads, arenaOf(plan.crossing().bytes()), environment);
    }

    static ByteBuffer arenaOf(long bytes) {
        return TensorStore.alignedDirect(Math.toIntExact(bytes));
    }

    /** @param arena at least as large as the plan's; plans of which one runs at a time may share it */
    static LoadedPlan open(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads, ByteBuffer arena,
            OrtEnvironment environment) {
        LoadedPlan loaded = null;
        try {
            loaded = new LoadedPlan(plan, model, options, spinning, threads, arena, environment);
            for (int step = 0; step < plan.steps().size(); step++) {
                loaded.kernels.add(loaded.openStep(step));
                NativeHeap.trim();
            }
            return loaded;
        } catch (OrtException | RuntimeException e) {
            if (loaded != null) {
                loaded.close();
            }
            if (e instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            throw new ModelFormatException("ONNX Runtime cannot hold the tensors of " + model.originalModel() + ": " + e.getMessage(), e);
        }
    }

    private StepKernel openStep(int index) {
        PlanStep step = plan.steps().get(index);
        fallbacks[index] = Fallback.NONE;
        if (step.region().isPresent()) {
            try {
                return new AcceleratorRegion(
                        step.region().get(),
                        options.accelerator().orElseThrow().compile(model.graph(), step.region().get(), model.constants()));
            } catch (AcceleratorException e) {
                fallbacks[index] = fallback(e);
            }
        }
        return opener.open(step);
    }

    EnginePlan plan() {
        return plan;
    }

    /** When each step of the last run started and ended. */
    RunRecord record() {
        return record;
    }

    /** Tensors that a run wants. */
    List<String> inputs() {
        return model.graph().inputs();
    }

    /** Tensors that a run gives, by position. */
    List<String> outputs() {
        return model.graph().outputs();
    }

    /** An output of the last run; valid until the next. */
    OnnxTensor output(String name) {
        return tensors.tensor(name);
    }

    /** The bytes of an output of the last run; valid until the next. */
    ByteBuffer content(String output) {
        return tensors.content(output);
    }

    /** Runs the plan and reports every step; the given plan object, equal in identity, is the one the run reports. */
    EngineRun run(EnginePlan reported, long budget, Map<String, OnnxTensor> inputs) {
        forgetTimesInside();
        long start = System.nanoTime();
        execute(budget, inputs);
        long latencyNanos = System.nanoTime() - start;
        List<BodyBranchRun> inside = new ArrayList<>();
        reportTimesInside(inside);
        return new EngineRun(reported, new LinkedHashMap<>(outputsOfTheRun()), latencyNanos, branchRuns(start), inside, plan.arenaBytes(),
                budget, runs++);
    }

    /** The same into an object of the caller's, without new ones. */
    void run(EnginePlan reported, long budget, Map<String, OnnxTensor> inputs, RunResult into) {
        long start = System.nanoTime();
        execute(budget, inputs);
        long end = System.nanoTime();
        into.set(reported, outputsOfTheRun(), start, end);
        noteKernelTimes(into.kernels());
        runs++;
    }

    private Map<String, OnnxTensor> outputsOfTheRun() {
        List<String> names = outputs();
        for (int output = 0; output < names.size(); output++) {
            outputs.put(names.get(output), tensors.tensor(names.get(output)));
        }
        return outputsView;
    }

    private void noteKernelTimes(KernelTimes times) {
        times.reset(kernels.size());
        for (int step = 0; step < kernels.size(); step++) {
            StepKernel kernel = kernels.get(step);
            times.set(step, kernel.kernelStartNanos(), kernel.kernelEndNanos(), kernel.pauseNanos());
        }
    }

    /** When the steps of the last run were in their kernels. */
    KernelTimes kernelTimes() {
        noteKernelTimes(kernelTimes);
        return kernelTimes;
    }

    /** Runs every step's kernel once more on the tensors of the last run, one after another, and nothing else. */
    void repeatKernels() throws OrtException {
        for (int step = 0; step < kernels.size(); step++) {
            kernels.get(step).repeat();
        }
    }

    /** Runs the plan without a report. */
    void execute(long budget, Map<String, OnnxTensor> inputs) {
        releaseInside();
        tensors.beginRun(inputs);
        budgetBytes = budget;
        try {
            threads.run(tasks.graph(), plan.threads(), budget, runner, record);
        } catch (TaskFailedException e) {
            PlanStep step = plan.steps().get(e.task());
            throw new EngineException("model '" + plan.model() + "', step " + step.name() + " (" + step.placement()
                    + ", first operator '" + model.graph().node(step.nodes().get(0)).name() + "') failed: " + e.getCause().getMessage(),
                    e.getCause());
        }
        tasks.learn(grown);
        if (!ran) {
            ran = true;
            NativeHeap.trim();
        }
    }

    /** Runs the plan once more in the same run of the model, as the sub-graph that it is of. */
    void executeAsBody(long budget, Map<String, OnnxTensor> inputs) {
        execute(budget, inputs);
        bodyTimes.add(record);
    }

    /** Forgets what it and all inside took as sub-graphs. */
    void forgetTimes() {
        bodyTimes.reset();
        forgetTimesInside();
    }

    private void forgetTimesInside() {
        for (int step = 0; step < kernels.size(); step++) {
            if (kernels.get(step) instanceof BodyRunner bodies) {
                bodies.forgetTimes();
            }
        }
    }

    /** What it and all inside took as sub-graphs since. */
    void reportTimes(List<BodyBranchRun> into) {
        bodyTimes.report(into);
        reportTimesInside(into);
    }

    private void reportTimesInside(List<BodyBranchRun> into) {
        for (int step = 0; step < kernels.size(); step++) {
            if (kernels.get(step) instanceof BodyRunner bodies) {
                bodies.reportTimes(into);
            }
        }
    }

    /** What the run-sized tensors of all steps took in the last run. */
    long grownBytes() {
        long bytes = 0;
        for (int step = 0; step < kernels.size(); step++) {
            bytes += kernels.get(step).grownBytes();
        }
        return bytes;
    }

    private long grownBytes(int step) {
        return kernels.get(step).grownBytes();
    }

    /** M_i of a step for the next run: planned, and what run-sized tensors took at most. */
    long expectedBytes(int step) {
        return tasks.graph().task(step).bytes();
    }

    /** Lets go of the last run's inputs and of its outputs without a planned place. */
    void releaseRun() {
        releaseInside();
        tensors.releaseRun();
    }

    private void releaseInside() {
        for (int step = 0; step < kernels.size(); step++) {
            kernels.get(step).releaseRun();
        }
    }

    private void runStep(int index) throws OrtException {
        try {
            kernels.get(index).run(tensors);
        } catch (AcceleratorException e) {
            // The device failed in the middle of a run: this step moves to the CPU for good and the run goes on.
            kernels.get(index).close();
            fallbacks[index] = fallback(e);
            StepKernel onCpu = opener.open(plan.steps().get(index));
            kernels.set(index, onCpu);
            onCpu.run(tensors);
        }
    }

    private List<BranchRun> branchRuns(long start) {
        List<BranchRun> branches = new ArrayList<>(plan.steps().size());
        for (int index = 0; index < plan.steps().size(); index++) {
            PlanStep step = plan.steps().get(index);
            Fallback fallback = fallback(index);
            Placement actual = fallback == Fallback.NONE ? step.placement() : Placement.CPU;
            branches.add(new BranchRun(index, record.startNanos(index) - start, record.latencyNanos(index), actual,
                    fallback, step.arenaBytes() + kernels.get(index).grownBytes(),
                    record.coRunning(index)));
        }
        return branches;
    }

    /** Of a step, or of the first step of a sub-graph's plan that fell back. */
    private Fallback fallback(int index) {
        return fallbacks[index] == Fallback.NONE ? kernels.get(index) instanceof BodyRunner bodies ? bodies.fallback() : Fallback.NONE : fallbacks[index];
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
        tensors.close();
        if (!failures.isEmpty()) {
            throw new EngineException("a session of plan " + plan.id() + " did not close", failures.get(0));
        }
    }
}
