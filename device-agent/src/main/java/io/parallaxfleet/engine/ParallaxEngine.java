package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.SessionFactory;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.ModelGraph;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.schedule.AvailableMemory;
import io.parallaxfleet.schedule.LinuxAvailableMemory;
import io.parallaxfleet.schedule.RecentAvailableMemory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs one prepared model by the plan in force.
 *
 * <p>{@link #adopt}, {@link #prepare} and {@link #release} may be called from other threads than {@link #run}: the plan in force
 * serves until the new one is built, and is swapped between runs. Runs are one at a time; a second caller waits.
 *
 * <pre>{@code
 * try (ParallaxEngine engine = ParallaxEngine.load(model, EngineOptions.defaults(cache))) {
 *     EngineRun run = engine.run(Map.of("images", tensor));
 * }
 * }</pre>
 */
public final class ParallaxEngine implements AutoCloseable {
    /** Asking the OS takes up to a millisecond, which would show in every inference of a small model. */
    private static final Duration MEMORY_READING_FRESH = Duration.ofMillis(100);
    /** Of one model at one shape: those of the policies that came and went, and of exploration. */
    private static final int MOST_PLANS = 16;

    private final PreparedModel model;
    private final EngineOptions options;
    private final OperatorSupport support;
    private final SessionFactory sessions;
    private final AvailableMemory availableMemory;
    private final PlanCache plans;
    private final CpuThreads threads;
    /** Held while a plan runs, and for the moment of a swap. */
    private final ReentrantLock runLock = new ReentrantLock();
    /** Held while plans are built, so that two callers do not build the same one. Taken before {@link #runLock}. */
    private final ReentrantLock buildLock = new ReentrantLock();
    /** Guarded by {@link #runLock}. */
    private final OpenPlans openPlans = new OpenPlans();
    private final CpuExecution cpuExecution;
    private volatile EnginePlan inForce;

    private ParallaxEngine(
            PreparedModel model, EngineOptions options, AvailableMemory availableMemory, PlanCache plans, SessionFactory sessions) {
        this.model = model;
        this.options = options;
        this.availableMemory = availableMemory;
        this.plans = plans;
        this.sessions = sessions;
        this.support = options.accelerator().<OperatorSupport>map(Accelerator.class::cast).orElse(OperatorSupport.none());
        this.cpuExecution = new ExecutionChoice(model, options, sessions.environment(), budgetBytes()).choose();
        this.threads = new CpuThreads(options.threads(), options.scheduling(),
                cpuExecution.bound() ? CoreAssignment.forThreads(options.threads()) : Optional.empty());
    }

    /**
     * Plans the model, measures at first use on this device whether splitting its CPU part pays, and builds the plan's
     * sessions.
     *
     * @throws ModelFormatException when ONNX Runtime refuses the model, and when a single tensor of it does not fit the machine
     */
    public static ParallaxEngine load(PreparedModel model, EngineOptions options) {
        return load(model, options, new PlanCache(MOST_PLANS), SessionFactory.eachOnItsOwn(OrtEnvironment.getEnvironment()));
    }

    /** The same with plans, and sessions' weights, that engines of other shapes share; the caller closes what makes the sessions, later. */
    static ParallaxEngine load(PreparedModel model, EngineOptions options, PlanCache plans, SessionFactory sessions) {
        return load(model, options,
                new RecentAvailableMemory(new LinuxAvailableMemory(Path.of("/")), MEMORY_READING_FRESH, System::nanoTime), plans, sessions);
    }

    /** @param memory asked before every run; the engine closes it */
    static ParallaxEngine load(
            PreparedModel model, EngineOptions options, AvailableMemory memory, PlanCache plans, SessionFactory sessions) {
        ParallaxEngine engine;
        try {
            LargestTensor.requireRoom(model.name(), model.graph(), memory.bytes());
            engine = new ParallaxEngine(model, options, memory, plans, sessions);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
        try {
            engine.adopt(options.policy(), options.policyEpoch());
            return engine;
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    /** The optimised graph. */
    public ModelGraph graph() {
        return model.graph();
    }

    /** Inputs that {@link #run} wants, by name, with bound shapes. */
    public Map<String, TensorType> inputs() {
        Map<String, TensorType> inputs = new LinkedHashMap<>();
        for (String input : model.graph().inputs()) {
            inputs.put(input, model.graph().type(input).orElseThrow());
        }
        return inputs;
    }

    /** The plan in force. */
    public EnginePlan plan() {
        return inForce;
    }

    /** How the CPU part of this model runs on this device: forced by the options, or measured. */
    public CpuExecution cpuExecution() {
        return cpuExecution;
    }

    /** Re-plans under a new policy while the old plan serves, then swaps; returns the plan now in force. */
    public EnginePlan adopt(DelegationPolicy policy, long epoch) {
        buildLock.lock();
        try {
            EnginePlan plan = open(policy, epoch);
            runLock.lock();
            try {
                inForce = plan;
                openPlans.putInForce(plan);
            } finally {
                runLock.unlock();
            }
            return plan;
        } finally {
            buildLock.unlock();
        }
    }

    /**
     * Builds a plan without putting it in force, for {@link #run(EnginePlan, Map)}: how exploration runs. Each call is matched
     * by one of {@link #release}.
     */
    public EnginePlan prepare(DelegationPolicy policy, long epoch) {
        buildLock.lock();
        try {
            EnginePlan plan = open(policy, epoch);
            runLock.lock();
            try {
                openPlans.hold(plan);
            } finally {
                runLock.unlock();
            }
            return plan;
        } finally {
            buildLock.unlock();
        }
    }

    /** Gives back a plan that {@link #prepare} built; its sessions close when nobody holds it and it is not in force. */
    public void release(EnginePlan plan) {
        runLock.lock();
        try {
            openPlans.release(plan);
        } finally {
            runLock.unlock();
        }
    }

    /** Runs the plan in force. The inputs stay the caller's and must not change while the run lasts. */
    public EngineRun run(Map<String, OnnxTensor> inputs) {
        runLock.lock();
        try {
            return runLocked(inForce, inputs);
        } finally {
            runLock.unlock();
        }
    }

    /** Runs the plan in force and leaves the outputs and the latency in an object of the caller's: what to run by, again and again. */
    public void run(Map<String, OnnxTensor> inputs, RunResult into) {
        runLock.lock();
        try {
            EnginePlan plan = inForce;
            openForRun(plan, inputs).run(plan, budgetBytes(), inputs, into);
        } finally {
            runLock.unlock();
        }
    }

    /**
     * Runs the kernels of the last run of the plan in force once more and nothing else: what {@link #run} is measured against. The
     * inputs of that run must still be open.
     *
     * @throws EngineException when one of them fails
     */
    public void repeatKernels() {
        runLock.lock();
        try {
            openPlans.require(inForce).repeatKernels();
        } catch (OrtException e) {
            throw new EngineException("model '" + model.name() + "' failed: " + e.getMessage(), e);
        } finally {
            runLock.unlock();
        }
    }

    /**
     * Runs a plan that {@link #prepare} built.
     *
     * @throws IllegalStateException when the plan was released
     */
    public EngineRun run(EnginePlan plan, Map<String, OnnxTensor> inputs) {
        runLock.lock();
        try {
            return runLocked(plan, inputs);
        } finally {
            runLock.unlock();
        }
    }

    private EngineRun runLocked(EnginePlan plan, Map<String, OnnxTensor> inputs) {
        return openForRun(plan, inputs).run(plan, budgetBytes(), inputs);
    }

    private LoadedPlan openForRun(EnginePlan plan, Map<String, OnnxTensor> inputs) {
        openPlans.closeRetired();
        LoadedPlan loaded = openPlans.require(plan);
        requireInputs(inputs);
        return loaded;
    }

    private long budgetBytes() {
        return options.memory().budgetBytes(availableMemory.bytes());
    }

    private void requireInputs(Map<String, OnnxTensor> inputs) {
        List<String> names = model.graph().inputs();
        for (int input = 0; input < names.size(); input++) {
            String name = names.get(input);
            if (inputs.get(name) == null) {
                throw new IllegalArgumentException("model '" + model.name() + "' wants input '" + name + "' ("
                        + model.graph().type(name).orElseThrow() + "); the inputs given are " + inputs.keySet());
            }
        }
    }

    private EnginePlan open(DelegationPolicy policy, long epoch) {
        EnginePlan plan = plan(policy, epoch, cpuExecution.sideBySide());
        // An arena is taken when the plan is opened: a run could not wait for its room. What was forced is not second-guessed.
        boolean tooLarge = cpuExecution.splits() && options.execution().isEmpty()
                && (plan.arenaBytes() > budgetBytes() || !plan.arenaFits() || plan.crossing().bytes() > DirectMemory.leftBytes());
        return open(tooLarge ? plan(policy, epoch, new SideBySide.Nowhere()) : plan);
    }

    private EnginePlan plan(DelegationPolicy policy, long epoch, SideBySide sideBySide) {
        EnginePlan plan = plans.plan(model, support, policy, epoch, sideBySide, cpuExecution.threads(), options.memory().sharing());
        return cpuExecution.graph() == GraphForm.REWRITTEN && plan.execution() == Execution.ONE_SESSION ? plan.rewritten() : plan;
    }

    private EnginePlan open(EnginePlan plan) {
        runLock.lock();
        try {
            if (openPlans.isOpen(plan)) {
                return plan;
            }
        } finally {
            runLock.unlock();
        }
        LoadedPlan opened = LoadedPlan.open(plan, model, options, cpuExecution.spinning(), threads, sessions);
        runLock.lock();
        try {
            openPlans.add(plan, opened);
        } finally {
            runLock.unlock();
        }
        return plan;
    }

    @Override
    public void close() {
        buildLock.lock();
        runLock.lock();
        try {
            openPlans.close();
            threads.close();
            availableMemory.close();
        } finally {
            runLock.unlock();
            buildLock.unlock();
        }
    }
}
