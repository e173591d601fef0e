package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.cache.MachineLock;
import io.parallaxfleet.energy.EnergyMeter;
import io.parallaxfleet.energy.ProcessCpuTime;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.execute.SharedWeights;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.host.CpuLoad;
import io.parallaxfleet.host.HostFiles;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.partition.OperatorSupport;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Decides by measurement on this device, at first use, how the CPU part of a model runs: in one session as plain ONNX Runtime
 * does, or with some layers side by side, and what its threads do when they wait. Remembered on disk and looked at again by later
 * processes; where the machine is too busy to measure, and until something is proven faster, plain ONNX Runtime's own setting serves.
 */
final class ExecutionChoice {
    /** Below this, handing work to a second thread may cost more than the thread does. */
    private static final long FEW_MACS = 50_000_000;
    /** Of the budget at first use, what looking again may take at a later start. */
    private static final int LOOK_DIVISOR = 4;

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
            return forced(options.execution().get());
        }
        if (options.threads() == 1 && options.exact()) {
            return inOneSession().get(0);
        }
        ExecutionMemo memo = new ExecutionMemo(memoFile());
        return remembered(memo).orElseGet(() -> whileNoOtherMeasures(memo));
    }

    private CpuExecution forced(Execution execution) {
        SideBySide layers = execution == Execution.SPLIT ? new SideBySide.ParallelLayers() : new SideBySide.Nowhere();
        CpuExecution asked = new CpuExecution(layers, options.threads(), options.spinning(), cores.isPresent());
        return execution == Execution.REWRITTEN && rewriting() instanceof Rewriting.Agrees ? asked.rewritten() : asked;
    }

    private Rewriting rewriting() {
        return options.exact()
                ? new Rewriting.Nothing("the graph is to stay as it is")
                : Rewriting.of(model, options.threads(), environment, this::hasRoomToCompare);
    }

    /** Original and rewritten model run one after the other then, each with weights of its own. */
    private boolean hasRoomToCompare() {
        return new TrialMemory(model, budgetBytes, false).reserve(plan(new SideBySide.Nowhere(), options.threads()), GraphForm.ORIGINAL);
    }

    /** What an earlier answer says without a measurement; empty where there is none, and where it is time to look again. */
    private Optional<CpuExecution> remembered(ExecutionMemo memo) {
        Instant now = Instant.now();
        return memo.read(now)
                .filter(answer -> !(answer instanceof ExecutionAnswer.Rivalry rivalry && rivalry.due(now)))
                .map(answer -> answer.inUse(inOneSession().get(0)));
    }

    /** Processes that start together would disturb one another's trials; whoever waited finds the answer there. */
    private CpuExecution whileNoOtherMeasures(ExecutionMemo memo) {
        return MachineLock.whileHolding(options.cacheDirectory().resolve(".execution-trial.lock"),
                () -> remembered(memo).orElseGet(() -> memo.read(Instant.now())
                        .map(answer -> lookAgain(memo, (ExecutionAnswer.Rivalry) answer))
                        .orElseGet(() -> measure(memo))));
    }

    private Path memoFile() {
        return model.optimizedModel().toAbsolutePath().resolveSibling("execution-" + options.threads() + "-" + options.spinning() + "-"
                + (options.exact() ? "exact-" : "rewritten" + RewrittenModel.REVISION + "-")
                + (options.objective() instanceof Objective.Latency ? "" : options.objective().name() + "-") + Processor.fileName() + "-" + EngineVersion.CURRENT + ".properties");
    }

    private CpuExecution measure(ExecutionMemo memo) {
        try (CpuThreads free = new CpuThreads(options.threads(), options.scheduling(), Optional.empty());
                CpuThreads bound = new CpuThreads(options.threads(), options.scheduling(), cores);
                ProbeInputs inputs = ProbeInputs.of(model.graph(), environment)) {
            Rewriting rewriting = rewriting();
            List<CpuExecution> executions = new ArrayList<>(inOneSession());
            if (rewriting instanceof Rewriting.Agrees) {
                List<CpuExecution> two = new ArrayList<>(List.of(executions.get(0), executions.get(0).rewritten()));
                if (options.objective() instanceof Objective.Latency && keepThoseThatFit(two)) {
                    // What is faster by far is worth proving before the many that may be faster by little.
                    TrialResult result = timing(two, inputs, free, bound, candidates -> trial(options.trialBudget()).meet(candidates));
                    if (!(result.finding() instanceof TrialFinding.IncumbentStays)) {
                        memo.write(ExecutionAnswer.of(result.finding(), two, Instant.now()), result, Optional.of(rewriting.describe()));
                        return two.get(result.winner());
                    }
                } else {
                    executions.add(executions.get(0).rewritten());
                }
            }
            if (options.threads() > 1) {
                new LayerProposals(options, withinRun(), bound, environment, budgetBytes).of(model).forEach(layers -> executions.add(
                        new CpuExecution(layers, options.threads(), withinRun(), cores.isPresent())));
            }
            boolean incomplete = !keepThoseThatFit(executions);
            if (executions.size() < 2) {
                return inOneSession().get(0);
            }
            TrialResult result =
                    timing(executions, inputs, free, bound, candidates -> trial(options.trialBudget()).decide(candidates));
            if (!incomplete) {
                memo.write(ExecutionAnswer.of(result.finding(), executions, Instant.now()), result, Optional.of(rewriting.describe()));
            }
            return executions.get(result.winner());
        } catch (OrtException e) {
            throw new ModelFormatException("the inputs of " + model.originalModel() + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** A few more rounds of what an earlier process found, which confirm or correct it. */
    private CpuExecution lookAgain(ExecutionMemo memo, ExecutionAnswer.Rivalry rivalry) {
        List<CpuExecution> two = new ArrayList<>(List.of(inOneSession().get(0), rivalry.challenger()));
        if (!keepThoseThatFit(two)) {
            return rivalry.inUse(inOneSession().get(0));
        }
        try (CpuThreads free = new CpuThreads(options.threads(), options.scheduling(), Optional.empty());
                CpuThreads bound = new CpuThreads(options.threads(), options.scheduling(), cores);
                ProbeInputs inputs = ProbeInputs.of(model.graph(), environment)) {
            RivalEvidence fresh = timing(two, inputs, free, bound,
                    candidates -> trial(options.trialBudget().dividedBy(LOOK_DIVISOR))
                            .lookAgain(candidates.get(0), candidates.get(1), rivalry::enough));
            ExecutionAnswer answer = rivalry.after(fresh, two.get(0), Instant.now());
            memo.update(answer);
            return answer.inUse(two.get(0));
        } catch (OrtException e) {
            throw new ModelFormatException("the inputs of " + model.originalModel() + " cannot be made: " + e.getMessage(), e);
        }
    }

    /** Candidates are open all at once; false where there is no room for one of them. */
    private boolean keepThoseThatFit(List<CpuExecution> executions) {
        TrialMemory memory = TrialMemory.ofRivals(model, budgetBytes, environment);
        return !executions.removeIf(execution -> !memory.reserve(plan(execution.sideBySide(), execution.threads()), execution.graph()));
    }

    private ExecutionTrial trial(Duration budget) {
        HostFiles host = HostFiles.ofThisMachine();
        CpuLoad load = new CpuLoad(host, System::nanoTime, ProcessCpuTime::nanos);
        TrialConditions.Others others = () -> {
            Optional<CpuLoad.Mark> mark = load.mark();
            return () -> load.foreignShareSince(mark);
        };
        Duration settling = options.spinning() == Spinning.ALWAYS ? TrialRounds.SETTLING : TrialRounds.GAP;
        EnergyMeter meter = EnergyMeter.forShortBatches(host, System::nanoTime, ProcessCpuTime::nanos);
        return new ExecutionTrial(
                new TrialConditions(System::nanoTime, ExecutionChoice::pause, settling, others, meter, new Random()), budget,
                options.objective());
    }

    private <T> T timing(List<CpuExecution> executions, ProbeInputs inputs, CpuThreads free, CpuThreads bound,
            Function<List<ExecutionTrial.Candidate>, T> trial) {
        List<LoadedPlan> open = new ArrayList<>();
        List<ExecutionTrial.Candidate> candidates = new ArrayList<>();
        SharedWeights weights = SharedWeights.open(environment);
        try {
            for (CpuExecution execution : executions) {
                EnginePlan original = plan(execution.sideBySide(), execution.threads());
                EnginePlan plan = execution.graph() == GraphForm.REWRITTEN ? original.rewritten() : original;
                LoadedPlan loaded = LoadedPlan.open(
                        plan, model, options, execution.spinning(), execution.bound() ? bound : free, weights);
                open.add(loaded);
                candidates.add(new ExecutionTrial.Candidate(name(execution, plan, candidates.size()),
                        () -> inputs.ways().stream()
                                .mapToLong(way -> loaded.run(plan, Long.MAX_VALUE, way).latencyNanos())
                                .sum()));
            }
            return trial.apply(candidates);
        } finally {
            open.forEach(LoadedPlan::close);
            weights.close();
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
     * only while a run lasts is that where threads may spin no longer; else it is tried on bound cores where there are any, free otherwise, to
     * keep the candidates few.
     */
    private List<CpuExecution> inOneSession() {
        if (options.threads() == 1) {
            return List.of(new CpuExecution(new SideBySide.Nowhere(), 1, Spinning.OFF, false));
        }
        List<CpuExecution> executions = new ArrayList<>();
        if (options.spinning() != Spinning.OFF) {
            executions.add(inOneSession(options.spinning(), false));
        }
        executions.add(inOneSession(Spinning.OFF, false));
        if (cores.isPresent()) {
            Arrays.stream(Spinning.values())
                    .filter(spinning -> spinning.compareTo(options.spinning()) <= 0)
                    .forEach(spinning -> executions.add(inOneSession(spinning, true)));
        } else if (options.spinning() == Spinning.ALWAYS) {
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
