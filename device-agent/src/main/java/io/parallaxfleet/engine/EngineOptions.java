package io.parallaxfleet.engine;

import io.parallaxfleet.execute.Accelerator;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.partition.DelegationPolicy;
import io.parallaxfleet.schedule.Scheduling;
import io.parallaxfleet.schedule.SubsetRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an engine is built. Immutable.
 *
 * @param threads CPU threads: at most this many branches side by side, and this many intra-op threads of a wide segment
 * @param policy delegation policy to start with
 * @param policyEpoch its epoch; 0: built-in
 * @param accelerator where regions may go; empty: everything on the CPU
 * @param execution forces a CPU execution; empty: measured on this device at first use
 * @param memory what it may take of the memory, and how tensors are stored
 * @param scheduling what the executor decides by
 * @param spinning the most that threads which wait for work may spin; what they do within that is measured
 * @param binding whether threads may be bound to cores of their own during a run; whether they are is measured
 * @param objective what the measurement at first use minimises
 * @param trialBudget roughly how long the measurement at first use may take; more runs tell closer candidates apart
 * @param exact whether the model's operators stay as they are, so that a plan of one session gives the bits of plain ONNX Runtime;
 *     otherwise a rewritten form competes in the measurement at first use, once its outputs were found to agree
 * @param cacheDirectory where optimised models and segments are kept
 */
public record EngineOptions(
        int threads,
        DelegationPolicy policy,
        long policyEpoch,
        Optional<Accelerator> accelerator,
        Optional<Execution> execution,
        MemoryRules memory,
        Scheduling scheduling,
        Spinning spinning,
        boolean binding,
        Objective objective,
        Duration trialBudget,
        boolean exact,
        Path cacheDirectory) {
    public EngineOptions {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(scheduling, "scheduling");
        Objects.requireNonNull(spinning, "spinning");
        Objects.requireNonNull(objective, "objective");
        Objects.requireNonNull(trialBudget, "trialBudget");
        Objects.requireNonNull(cacheDirectory, "cacheDirectory");
        if (execution.filter(Execution.HETEROGENEOUS::equals).isPresent()) {
            throw new IllegalArgumentException("the CPU execution can be ONE_SESSION, REWRITTEN or SPLIT; a plan is heterogeneous by its regions");
        }
        if (exact && execution.filter(Execution.REWRITTEN::equals).isPresent()) {
            throw new IllegalArgumentException("the CPU execution is REWRITTEN and the graph is to stay exact; give one of the two");
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + "; at least 1 is needed");
        }
        if (threads > mostThreads()) {
            throw new IllegalArgumentException("threads is " + threads + "; more than " + mostThreads() + " on "
                    + Runtime.getRuntime().availableProcessors() + " processors only wait for one another");
        }
    }

    /** Some more than there are processors, for trying; with hundreds on two of them a run of 2 ms took minutes. */
    private static int mostThreads() {
        return Math.max(16, 2 * Runtime.getRuntime().availableProcessors());
    }

    /** The paper's policy on the performance cores up to six, no accelerator. */
    public static EngineOptions defaults(Path cacheDirectory) {
        return new EngineOptions(CoreAssignment.defaultThreads(), DelegationPolicy.paper(), 0, Optional.empty(), Optional.empty(),
                MemoryRules.defaults(), Scheduling.defaults(), Spinning.ALWAYS, true, new Objective.Latency(), Duration.ofSeconds(8), false, cacheDirectory);
    }

    public EngineOptions withAccelerator(Accelerator device) {
        return new EngineOptions(threads, policy, policyEpoch, Optional.of(device), execution, memory, scheduling, spinning,
                binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withPolicy(DelegationPolicy newPolicy, long epoch) {
        return new EngineOptions(threads, newPolicy, epoch, accelerator, execution, memory, scheduling, spinning,
                binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withThreads(int newThreads) {
        return new EngineOptions(newThreads, policy, policyEpoch, accelerator, execution, memory, scheduling, spinning,
                binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withExecution(Execution forced) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, Optional.of(forced), memory, scheduling,
                spinning, binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withLayerBarrier(boolean barrier) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, new Scheduling(barrier, scheduling.subset()), spinning,
                binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withSubset(SubsetRule rule) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, new Scheduling(scheduling.layerBarrier(), rule),
                spinning, binding, objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withMemory(MemoryRules rules) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, rules, scheduling, spinning, binding, objective,
                trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withSpinning(Spinning allowed) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, scheduling, allowed, binding,
                objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withBinding(boolean allowed) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, scheduling, spinning, allowed,
                objective, trialBudget, exact, cacheDirectory);
    }

    public EngineOptions withTrialBudget(Duration budget) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, scheduling, spinning, binding,
                objective, budget, exact, cacheDirectory);
    }

    public EngineOptions withExact(boolean asItIs) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, scheduling, spinning, binding, objective,
                trialBudget, asItIs, cacheDirectory);
    }

    public EngineOptions withObjective(Objective newObjective) {
        return new EngineOptions(threads, policy, policyEpoch, accelerator, execution, memory, scheduling, spinning, binding,
                newObjective, trialBudget, exact, cacheDirectory);
    }
}
