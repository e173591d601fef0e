package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.cache.MachineLock;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Decides by measurement on this device, at first use, how the CPU part of a model runs: in one session as plain ONNX Runtime
 * does, or with some layers side by side, and what its threads do when they wait. Remembered on disk; for a while only where the
 * machine was too busy for the answer to be believed.
 */
final class ExecutionChoice {
    /** Below this, handing work to a second thread may cost more than the thread does. */
    private static final long FEW_MACS = 50_000_000;

    private final PreparedModel model;
    private final EngineOptions options;
    private final OrtEnvironment environment;
    private final Optional<CoreAssignment> cores;
    private final long budgetBytes;

    /** @param budgetBytes what a measurement may hold */
    ExecutionChoice(PreparedModel model, EngineOptions options, OrtEnvironment environment, long budgetBytes) {
        this.budgetBytes = budgetBytes;
        this.model = model;
        this.options = options;
        this.environment = environment;
        this.cores = options.binding() ? CoreAssignment.forThreads(options.threads()) : Optional.empty();
    }

    /** What the options force, an earlier answer, or a new measurement. */
    CpuExecution choose() {
        if (options.execution().isPresent()) {
            SideBySide forced = options.execution().get() == Execution.SPLIT ? new SideBySide.ParallelLayers() : new SideBySide.Nowhere();
            return new CpuExecution(forced, options.threads(), options.spinning(), cores.isPresent());
        }
        if (options.threads() == 1) {
            return new CpuExecution(new SideBySide.Nowhere(), 1, Spinning.OFF, false);
        }
        ExecutionMemo memo = new ExecutionMemo(memoFile());
        return memo.read(Instant.now()).orElseGet(() -> whileNoOtherMeasures(memo));
    }

    /** Processes that start together would disturb one another's trials; whoever waited finds the answer there. */
    private CpuExecution whileNoOtherMeasures(ExecutionMemo memo) {
        return MachineLock.whileHolding(options.cacheDirectory().resolve(".execution-trial.lock"),
                () -> memo.read(Instant.now()).orElseGet(() -> measure(memo)));
    }

    private Path memoFile() {
        return model.optimizedModel().toAbsolutePath().resolveSibling("execution-" + options.threads() + "-" + options.spinning() + "-"
                + (options.objective() instanceof Objective.Latency ? "" : options.objective().name() + "-") + Processor.fileName() + "-" + EngineVersion.CURRENT + ".properties");
    }

    private CpuExecution measure(ExecutionMemo memo) {
        try (CpuThreads free = new CpuThreads(options.threads(), options.scheduling(), Optional.empty());
                CpuThreads bound = new CpuThreads(options.threads(), options.scheduling(), cores);
                ProbeInputs inputs = ProbeInputs.of(model.graph(), environment)) {
            List<CpuExecution> executions = new ArrayList<>(inOneSession());
            new LayerProposals(options, withinRun(), bound, environment, budgetBytes).of(model).forEach(layers -> executions.add(
                    new CpuExecution(layers, options.threads(), withinRun(), cores.isPresent())));
            TrialMemory memory = new TrialMemory(model, budgetBytes);
            boolean incomplete = executions.removeIf(execution -> !memory.reserve(plan(execution.sideBySide(), execution.threads())));
            if (executions.size() < 2) {
                return inOneSession().get(0);
            }
            TrialResult result = time(executions, inputs, free, bound);
            CpuExecution chosen = executions.get(result.winner());
            if (!incomplete) {
                memo.write(chosen, result, Instant.now());
            }
            return chosen;
        } catch (OrtException e) {
            throw new ModelFormatException("the inputs of " + model.originalModel() + " cannot be made: " + e.getMessage(), e);
        }
    }

    private TrialResult time(List<CpuExecution> executions, ProbeInputs inputs, CpuThreads free, CpuThreads bound) {
        List<LoadedPlan> open = new ArrayList<>();
        List<ExecutionTrial.Candidate> candidates = new ArrayList<>();
        try {
            for (CpuExecution execution : executions) {
                EnginePlan plan = plan(execution.sideBySide(), execution.threads());
                LoadedPlan loaded = LoadedPlan.open(
                        plan, model, options, execution.spinning(), execution.bound() ? bound : free, environment);
                open.add(loaded);
                candidates.add(new ExecutionTrial.Candidate(name(execution, plan, candidates.size()),
                        () -> inputs.ways().stream()
                                .mapToLong(way -> loaded.run(plan, Long.MAX_VALUE, way).latencyNanos())
                                .sum()));
            }
            Duration settling = options.spinning() == Spinning.ALWAYS ? ExecutionTrial.SETTLING : ExecutionTrial.GAP;
            EnergyMeter meter =
                    EnergyMeter.forShortBatches(HostFiles.ofThisMachine(), System::nanoTime, ProcessCpuTime::nanos);
            return new ExecutionTrial(System::nanoTime, ExecutionChoice::pause, settling, options.trialBudget(), options.objective(),
                    meter).decide(candidates);
        } finally {
            open.forEach(LoadedPlan::close);
        }
    }

    private static void pause(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    private static String name(CpuExecution execution, EnginePlan plan, int number) {
        return number + "." + plan.execution() + "." + plan.steps().size() + "-steps." + execution.threads() + "-threads."
                + execution.spinning() + (execution.bound() ? ".bound" : "");
    }

    /**
     * One session in the settings that the options allow, the one most like ONNX Runtime's default first: the incumbent. Spinning
     * only while a run lasts is tried on bound cores where there are any, free otherwise, to keep the candidates few.
     */
    private List<CpuExecution> inOneSession() {
        List<CpuExecution> executions = new ArrayList<>();
        if (options.spinning() == Spinning.ALWAYS) {
            executions.add(inOneSession(Spinning.ALWAYS, false));
        }
        executions.add(inOneSession(Spinning.OFF, false));
        if (cores.isPresent()) {
            Arrays.stream(Spinning.values())
                    .filter(spinning -> spinning.compareTo(options.spinning()) <= 0)
                    .forEach(spinning -> executions.add(inOneSession(spinning, true)));
        } else if (options.spinning() != Spinning.OFF) {
            executions.add(inOneSession(Spinning.WITHIN_RUN, false));
        }
        // For the lowest latency fewer threads are only worth trying on small models; for energy they always are.
        int upTo = model.graph().totalMacs() < FEW_MACS ? 1 : 0;
        if (!(options.objective() instanceof Objective.Latency)) {
            upTo = options.threads() - 1;
        }
        for (int threads = 1; threads <= upTo; threads++) {
            executions.add(new CpuExecution(new SideBySide.Nowhere(), threads, Spinning.OFF, false));
        }
        return executions;
    }

    private CpuExecution inOneSession(Spinning spinning, boolean bound) {
        return new CpuExecution(new SideBySide.Nowhere(), options.threads(), spinning, bound);
    }

    private Spinning withinRun() {
        return options.spinning() == Spinning.OFF ? Spinning.OFF : Spinning.WITHIN_RUN;
    }

    private EnginePlan plan(SideBySide sideBySide, int threads) {
        return EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, sideBySide, threads);
    }
}
