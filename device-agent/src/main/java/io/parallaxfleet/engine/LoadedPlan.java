package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.AcceleratorException;
import io.parallaxfleet.execute.AcceleratorRegion;
import io.parallaxfleet.execute.OrtSegment;
import io.parallaxfleet.execute.OrtSessions;
import io.parallaxfleet.execute.SessionSettings;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.RunRecord;
import io.parallaxfleet.schedule.Task;
import io.parallaxfleet.schedule.TaskGraph;
import io.parallaxfleet.schedule.TaskFailedException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A plan with its sessions, compiled regions and arena. One run at a time; owns native memory until closed. */
final class LoadedPlan implements AutoCloseable {
    private final EnginePlan plan;
    private final PreparedModel model;
    private final EngineOptions options;
    private final OrtEnvironment environment;
    private final Spinning spinning;
    private final CpuThreads threads;
    private final TensorStore tensors;
    private final List<StepKernel> kernels = new ArrayList<>();
    private final Fallback[] fallbacks;
    private final TaskGraph tasks;
    private final RunRecord record;
    private long runs;

    private LoadedPlan(
            EnginePlan plan, PreparedModel model, EngineOptions options, Spinning spinning, CpuThreads threads,
            OrtEnvironment environment)
            throws OrtException {
        this.plan = plan;
        this.model = model;
        this.options = options;
        this.environment = environment;
        this.spinning = spinning;
        this.threads = threads;
        this.fallbacks = new Fallback[plan.steps().size()];
        this.record = new RunRecord(plan.steps().size());
        this.tasks = new TaskGraph(plan.steps().stream().map(LoadedPlan::task).toList());
        Map<String, TensorType> types = new HashMap<>();
        for (String tensor : plan.crossing().offsets().keySet()) {
            types.put(tensor, model.graph().type(tensor).orElseThrow());
        }
        this.tensors = new TensorStore(environment, plan.crossing().bytes(), plan.crossing().offsets(), types);
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
        LoadedPlan loaded = null;
        try {
            loaded = new LoadedPlan(plan, model, options, spinning, threads, environment);
            for (int step = 0; step < plan.steps().size(); step++) {
                loaded.kernels.add(loaded.openStep(step));
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

    private static Task task(PlanStep step) {
        Task.Resource resource = step.placement() == Placement.ACCELERATOR
                ? Task.Resource.ACCELERATOR
                : step.threads() > 1 ? Task.Resource.ALL_CORES : Task.Resource.ONE_CORE;
        return new Task(step.predecessors(), step.layer(), resource, step.arenaBytes(), step.macs());
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
        return openOnCpu(step);
    }

    private OrtSegment openOnCpu(PlanStep step) {
        Path file;
        SessionSettings settings;
        List<String> inside = plan.placedInside(step);
        List<String> outputs = Stream.concat(step.outputs().stream(), inside.stream()).toList();
        if (plan.execution() == Execution.ONE_SESSION) {
            file = model.originalModel();
            settings = SessionSettings.of(step.threads(), spinning)
                    .withPoolCores(threads.poolCores(step.threads()))
                    .withDimensions(model.boundDimensions());
        } else {
            file = model.extract(step.nodes(), step.inputs(), outputs);
            boolean spins = step.threads() > 1 && spinning != Spinning.OFF;
            settings = SessionSettings.of(step.threads(), spins ? Spinning.WITHIN_RUN : Spinning.OFF)
                    .withPoolCores(threads.poolCores(step.threads()))
                    // Planned lifetimes inside a step hold for the graph's own nodes only.
                    .withExact(!inside.isEmpty());
        }
        return new OrtSegment(OrtSessions.open(environment, file, settings), step.inputs(), outputs, tensors);
    }

    EnginePlan plan() {
        return plan;
    }

    /** When each step of the last run started and ended. */
    RunRecord record() {
        return record;
    }

    /** Runs the plan; the given plan object, equal in identity, is the one the run reports. */
    EngineRun run(EnginePlan reported, long budgetBytes, Map<String, OnnxTensor> inputs) {
        long start = System.nanoTime();
        tensors.beginRun(inputs);
        try {
            threads.run(tasks, budgetBytes, this::runStep, record);
        } catch (TaskFailedException e) {
            PlanStep step = plan.steps().get(e.task());
            throw new EngineException("model '" + plan.model() + "', step " + step.name() + " (" + step.placement()
                    + ", first operator '" + model.graph().node(step.nodes().get(0)).name() + "') failed: " + e.getCause().getMessage(),
                    e.getCause());
        }
        long latencyNanos = System.nanoTime() - start;
        Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
        for (String output : model.graph().outputs()) {
            outputs.put(output, tensors.tensor(output));
        }
        return new EngineRun(reported, outputs, latencyNanos, branchRuns(start), plan.arenaBytes(), budgetBytes, runs++);
    }

    private void runStep(int index) throws OrtException {
        try {
            kernels.get(index).run(tensors);
        } catch (AcceleratorException e) {
            // The device failed in the middle of a run: this step moves to the CPU for good and the run goes on.
            kernels.get(index).close();
            fallbacks[index] = fallback(e);
            OrtSegment onCpu = openOnCpu(plan.steps().get(index));
            kernels.set(index, onCpu);
            onCpu.run(tensors);
        }
    }

    private List<BranchRun> branchRuns(long start) {
        List<BranchRun> branches = new ArrayList<>(plan.steps().size());
        for (int index = 0; index < plan.steps().size(); index++) {
            PlanStep step = plan.steps().get(index);
            Placement actual = fallbacks[index] == Fallback.NONE ? step.placement() : Placement.CPU;
            branches.add(new BranchRun(index, record.startNanos(index) - start, record.latencyNanos(index), actual,
                    fallbacks[index], step.arenaBytes(), record.coRunning(index)));
        }
        return branches;
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
