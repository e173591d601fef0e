package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.execute.SessionFactory;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelFormatException;
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

/** A plan with its sessions, compiled regions and arena. One run at a time; owns native memory until closed. */
final class LoadedPlan implements AutoCloseable {
    private final EnginePlan plan;
    private final PreparedModel model;
    private final CpuThreads threads;
    private final TensorStore tensors;
    private final StepKernels kernels;
    private final RunRecord record;
    private final StepTimes times;
    private final StepTasks tasks;
    private final TaskRunner runner;
    private final IntToLongFunction grown;
    /** Of the last run; those at planned places are the same in every run. */
    private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
    private final Map<String, OnnxTensor> outputsView = Collections.unmodifiableMap(outputs);
    /** Budget of the run in progress; written before its steps start. */
    private long budgetBytes;
    private long runs;
    private boolean ran;

    private LoadedPlan(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads,
            ByteBuffer arena, SessionFactory sessions)
            throws OrtException {
        this.plan = plan;
        this.model = model;
        this.threads = threads;
        this.record = new RunRecord(plan.steps().size());
        this.tasks = new StepTasks(plan.steps(), threads.bound());
        Map<String, TensorType> types = new HashMap<>();
        for (String tensor : plan.crossing().offsets().keySet()) {
            types.put(tensor, model.graph().type(tensor).orElseThrow());
        }
        this.tensors = new TensorStore(sessions.environment(), arena, plan.crossing().offsets(), types, model.graph().inputs(),
                plan.handedOn().isEmpty() ? Optional.empty() : Optional.of(plan.alternating()));
        try {
            this.kernels = StepKernels.open(
                    plan, new StepOpener(plan, model, options, spinning, threads, tensors, () -> budgetBytes, sessions));
        } catch (RuntimeException e) {
            tensors.close();
            throw e;
        }
        this.times = new StepTimes(plan, kernels, record);
        this.runner = step -> kernels.run(step, tensors);
        this.grown = kernels::grownBytes;
    }

    /**
     * Opens the plan's sessions and compiles its regions. A region that the accelerator refuses is opened on the CPU and its
     * step reports the fallback.
     *
     * @param spinning what the threads of wide CPU sessions do between pieces of work; where there are several sessions they
     *     never spin between runs, since they would spin against each other
     * @param threads what runs the plan; the caller closes it, after the plan
     * @param sessions who holds their weights; the caller closes it, after the plan
     */
    static LoadedPlan open(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads, SessionFactory sessions) {
        return open(plan, model, options, spinning, threads, arenaOf(plan.crossing().bytes()), sessions);
    }

    /** The same with weights of its own. */
    static LoadedPlan open(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads,
            OrtEnvironment environment) {
        return open(plan, model, options, spinning, threads, SessionFactory.eachOnItsOwn(environment));
    }

    /** @throws EngineException when it is more than one buffer holds, or than the JVM gives in direct buffers */
    static ByteBuffer arenaOf(long bytes) {
        if (bytes > TensorType.MOST_BYTES) {
            throw new EngineException("what the plan places takes " + bytes + " bytes, more than the 2 GiB of an arena;"
                    + " let the model run in one session, or at smaller shapes", null);
        }
        try {
            return TensorStore.alignedDirect(Math.toIntExact(bytes));
        } catch (OutOfMemoryError e) {
            throw new EngineException("an arena of " + bytes + " bytes is more than this JVM gives in direct buffers; raise -Xmx or"
                    + " -XX:MaxDirectMemorySize, or run the model in one session", e);
        }
    }

    /** @param arena at least as large as the plan's; plans of which one runs at a time may share it */
    static LoadedPlan open(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads, ByteBuffer arena,
            SessionFactory sessions) {
        try {
            return new LoadedPlan(plan, model, options, spinning, threads, arena, sessions);
        } catch (OrtException e) {
            throw new ModelFormatException("ONNX Runtime cannot hold the tensors of " + model.originalModel() + ": " + e.getMessage(), e);
        }
    }

    EnginePlan plan() {
        return plan;
    }

    /** When each step of the last run started and ended. */
    RunRecord record() {
        return record;
    }

    /** When and how its steps ran. */
    StepTimes times() {
        return times;
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
        times.forgetInside();
        long start = System.nanoTime();
        execute(budget, inputs);
        long latencyNanos = System.nanoTime() - start;
        List<BodyBranchRun> inside = new ArrayList<>();
        times.reportInside(inside);
        return new EngineRun(reported, new LinkedHashMap<>(outputsOfTheRun()), latencyNanos, times.branchRuns(start), inside,
                plan.arenaBytes(), budget, runs++);
    }

    /** The same into an object of the caller's, without new ones. */
    void run(EnginePlan reported, long budget, Map<String, OnnxTensor> inputs, RunResult into) {
        long start = System.nanoTime();
        execute(budget, inputs);
        long end = System.nanoTime();
        into.set(reported, outputsOfTheRun(), start, end);
        times.noteKernelTimes(into.kernels());
        runs++;
    }

    private Map<String, OnnxTensor> outputsOfTheRun() {
        List<String> names = outputs();
        for (int output = 0; output < names.size(); output++) {
            outputs.put(names.get(output), tensors.tensor(names.get(output)));
        }
        return outputsView;
    }

    /** Runs every step's kernel once more on the tensors of the last run, one after another, and nothing else. */
    void repeatKernels() throws OrtException {
        kernels.repeat();
    }

    /** Runs the plan without a report. */
    void execute(long budget, Map<String, OnnxTensor> inputs) {
        kernels.releaseRun();
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
        tasks.learn(kernels.growing(), grown);
        if (!ran) {
            ran = true;
            NativeHeap.trim();
        }
    }

    /** Runs the plan once more in the same run of the model, as the sub-graph that it is of. */
    void executeAsBody(long budget, Map<String, OnnxTensor> inputs) {
        execute(budget, inputs);
        times.ranAsBody();
    }

    /** What the run-sized tensors of all steps took in the last run. */
    long grownBytes() {
        return kernels.grownBytes();
    }

    /** M_i of a step for the next run: planned, and what run-sized tensors took at most. */
    long expectedBytes(int step) {
        return tasks.graph().task(step).bytes();
    }

    /** Lets go of the last run's inputs and of its outputs without a planned place. */
    void releaseRun() {
        kernels.releaseRun();
        tensors.releaseRun();
    }

    /** Why a step of the plan does not run where it was planned; NONE where all do. */
    Fallback fallback() {
        return kernels.fallback();
    }

    @Override
    public void close() {
        try {
            kernels.close();
        } finally {
            tensors.close();
        }
    }
}
