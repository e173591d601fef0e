package io.parallaxfleet.simulate;

import io.parallaxfleet.engine.BranchRun;
import io.parallaxfleet.engine.EnginePlan;
import io.parallaxfleet.engine.EngineRun;
import io.parallaxfleet.engine.Fallback;
import io.parallaxfleet.engine.Placement;
import io.parallaxfleet.engine.PlanStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a plan would cost on a modelled device. Each step takes {@code T_cpu = F/R_cpu} or {@code T_acc = L + F/R_acc + B/B_bw}, times
 * the device's own factor, a log-normal noise of {@value #NOISE}, and a slow-down of the whole inference in {@value #SLOWED_SHARE} of
 * them. CPU steps share one lane, accelerator steps another; a step starts when its predecessors and its lane are done. Now and then
 * an accelerator step fails and runs on the CPU after all. Deterministic by its random source; not thread-safe.
 */
final class RunModel {
    /** Standard deviation of the logarithm of a step's time. */
    static final double NOISE = 0.15;
    /** Standard deviation of the logarithm of a device's own factor. */
    static final double DEVICE_EFFECT = 0.10;
    /** Share of inferences that something else slows. */
    static final double SLOWED_SHARE = 0.08;
    /** Share of accelerator steps that fall back. */
    static final double FAULT_SHARE = 0.001;
    /** The first run of a plan is slower by this. */
    private static final double COLD_FACTOR = 1.6;
    /** No step is free: reading and writing pointers takes this long. */
    private static final double LEAST_SECONDS = 2e-6;

    private final SimulatedProfile profile;
    private final SplittableRandom random;
    private final double cpuFactor;
    private final double acceleratorFactor;

    RunModel(SimulatedProfile profile, SplittableRandom random) {
        this.profile = profile;
        this.random = random;
        this.cpuFactor = Math.exp(DEVICE_EFFECT * random.nextGaussian());
        this.acceleratorFactor = Math.exp(DEVICE_EFFECT * random.nextGaussian());
    }

    /**
     * A modelled inference.
     *
     * @param microjoules modelled energy
     */
    record Outcome(EngineRun run, long microjoules) {}

    /**
     * @param throttle factor on every step; 1: the device is cool
     * @param memoryBudgetBytes what the run may use
     * @param runsOfPlan how often this device ran the plan before
     */
    Outcome run(EnginePlan plan, double throttle, long memoryBudgetBytes, long runsOfPlan) {
        double slowDown = throttle * (random.nextDouble() < SLOWED_SHARE ? 1.5 + 1.5 * random.nextDouble() : 1)
                * (runsOfPlan == 0 ? COLD_FACTOR : 1);
        List<PlanStep> steps = plan.steps();
        long[] starts = new long[steps.size()];
        long[] ends = new long[steps.size()];
        Placement[] actual = new Placement[steps.size()];
        Fallback[] fallbacks = new Fallback[steps.size()];
        long cpuFree = 0;
        long acceleratorFree = 0;
        double joules = 0;
        for (int i = 0; i < steps.size(); i++) {
            PlanStep step = steps.get(i);
            fallbacks[i] = fault(step);
            actual[i] = fallbacks[i] == Fallback.NONE ? step.placement() : Placement.CPU;
            boolean onCpu = actual[i] == Placement.CPU;
            double seconds = onCpu
                    ? profile.cpuSeconds(step.macs()) * cpuFactor
                    : profile.acceleratorSeconds(step.macs(), step.boundaryBytes()) * acceleratorFactor;
            // A step that fell back paid for the attempt.
            seconds += fallbacks[i] == Fallback.NONE ? 0 : profile.dispatchSeconds();
            seconds = Math.max(LEAST_SECONDS, seconds) * slowDown * Math.exp(NOISE * random.nextGaussian());
            joules += seconds * (onCpu ? profile.cpuWatts() : profile.acceleratorWatts());
            long ready = onCpu ? cpuFree : acceleratorFree;
            for (int predecessor : step.predecessors()) {
                ready = Math.max(ready, ends[predecessor]);
            }
            starts[i] = ready;
            ends[i] = ready + Math.max(1, Math.round(seconds * 1e9));
            if (onCpu) {
                cpuFree = ends[i];
            } else {
                acceleratorFree = ends[i];
            }
        }
        return new Outcome(new EngineRun(plan, Map.of(), latest(ends), branches(steps, starts, ends, actual, fallbacks),
                plan.arenaBytes(), memoryBudgetBytes, runsOfPlan), Math.round(joules * 1e6));
    }

    private Fallback fault(PlanStep step) {
        if (step.placement() == Placement.CPU || random.nextDouble() >= FAULT_SHARE) {
            return Fallback.NONE;
        }
        return random.nextBoolean() ? Fallback.KERNEL_FAILURE : Fallback.OUT_OF_DEVICE_MEMORY;
    }

    private static List<BranchRun> branches(List<PlanStep> steps, long[] starts, long[] ends, Placement[] actual, Fallback[] fallbacks) {
        List<BranchRun> branches = new ArrayList<>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            int beside = 0;
            for (int j = 0; j < steps.size(); j++) {
                beside += j != i && starts[j] < ends[i] && starts[i] < ends[j] ? 1 : 0;
            }
            branches.add(new BranchRun(i, starts[i], ends[i] - starts[i], actual[i], fallbacks[i], steps.get(i).arenaBytes(), beside));
        }
        return branches;
    }

    private static long latest(long[] ends) {
        long latest = 0;
        for (long end : ends) {
            latest = Math.max(latest, end);
        }
        return latest;
    }
}
