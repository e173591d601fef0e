package io.parallaxfleet.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.cache.MachineLock;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.TensorStore;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.graph.TensorType;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * Decides by measurement on this device, at first use, how the CPU part of a model runs: in one session as plain ONNX Runtime
 * does, or with some layers side by side, and what its threads do when they wait. Remembered on disk; for a while only where the
 * machine was too busy for the answer to be believed.
 */
final class ExecutionChoice {
    private static final int PROBE_RUNS = 7;
    /** Below this, handing work to a second thread may cost more than the thread does. */
    private static final long FEW_MACS = 50_000_000;
    /** A gain of a layer that survives a cut on each side of it. */
    private static final long CLEAR_GAIN_NANOS = 50_000;
    private static final double CLEAR_GAIN_SHARE = 0.10;

    private final PreparedModel model;
    private final EngineOptions options;
    private final OrtEnvironment environment;
    private final Optional<CoreAssignment> cores;

    ExecutionChoice(PreparedModel model, EngineOptions options, OrtEnvironment environment) {
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
        Map<String, OnnxTensor> zeros = new HashMap<>();
        try (CpuThreads free = new CpuThreads(options.threads(), options.layerBarrier(), Optional.empty());
                CpuThreads bound = new CpuThreads(options.threads(), options.layerBarrier(), cores)) {
            for (String input : model.graph().inputs()) {
                zeros.put(input, zeros(model.graph().type(input).orElseThrow()));
            }
            List<CpuExecution> executions = new ArrayList<>(inOneSession());
            proposals(bound, zeros).forEach(layers -> executions.add(
                    new CpuExecution(layers, options.threads(), withinRun(), cores.isPresent())));
            TrialResult result = time(executions, zeros, free, bound);
            CpuExecution chosen = executions.get(result.winner());
            memo.write(chosen, result, Instant.now());
            return chosen;
        } catch (OrtException e) {
            throw new ModelFormatException("the inputs of " + model.originalModel() + " cannot be made: " + e.getMessage(), e);
        } finally {
            zeros.values().forEach(OnnxTensor::close);
        }
    }

    private TrialResult time(List<CpuExecution> executions, Map<String, OnnxTensor> inputs, CpuThreads free, CpuThreads bound) {
        List<LoadedPlan> open = new ArrayList<>();
        List<ExecutionTrial.Candidate> candidates = new ArrayList<>();
        try {
            for (CpuExecution execution : executions) {
                EnginePlan plan = plan(execution.sideBySide(), execution.threads());
                LoadedPlan loaded = LoadedPlan.open(
                        plan, model, options, execution.spinning(), execution.bound() ? bound : free, environment);
                open.add(loaded);
                candidates.add(new ExecutionTrial.Candidate(name(execution, plan, candidates.size()),
                        () -> loaded.run(plan, Long.MAX_VALUE, inputs).latencyNanos()));
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

    private OnnxTensor zeros(TensorType type) throws OrtException {
        return OnnxTensor.createTensor(environment, TensorStore.alignedDirect(Math.toIntExact(type.bytes())), type.shape(),
                TensorStore.javaType(type.elementType()).orElseThrow());
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

    /** Sets of layers that a probe of each layer proposes; empty where no layer gains. */
    private Set<SideBySide> proposals(CpuThreads threads, Map<String, OnnxTensor> inputs) {
        EnginePlan everywhere = plan(new SideBySide.Everywhere(), options.threads());
        if (everywhere.execution() != Execution.SPLIT) {
            return Set.of();
        }
        EnginePlan wide = EnginePlanner.planWithLayersAlone(model, options.threads());
        LayerProbe probe = new LayerProbe(everywhere, wide);
        try (LoadedPlan side = LoadedPlan.open(everywhere, model, options, withinRun(), threads, environment);
                LoadedPlan alone = LoadedPlan.open(wide, model, options, withinRun(), threads, environment)) {
            for (int run = -1; run < PROBE_RUNS; run++) {
                side.run(everywhere, Long.MAX_VALUE, inputs);
                alone.run(wide, Long.MAX_VALUE, inputs);
                if (run >= 0) {
                    probe.sideBySideRan(side.record()::startNanos, side.record()::endNanos);
                    probe.wideRan(alone.record()::startNanos, alone.record()::endNanos);
                }
            }
        }
        Set<SideBySide> proposals = new LinkedHashSet<>();
        for (Set<Integer> operators : List.of(probe.gaining(0, 0), probe.gaining(CLEAR_GAIN_NANOS, CLEAR_GAIN_SHARE))) {
            if (!operators.isEmpty()) {
                proposals.add(new SideBySide.Measured(operators));
            }
        }
        return proposals;
    }

    private EnginePlan plan(SideBySide sideBySide, int threads) {
        return EnginePlanner.plan(model, OperatorSupport.none(), new DelegationPolicy.Never(), 0, sideBySide, threads);
    }
}
