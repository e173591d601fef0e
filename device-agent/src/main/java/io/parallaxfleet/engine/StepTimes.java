package io.parallaxfleet.engine;

import io.parallaxfleet.execute.StepKernel;
import io.parallaxfleet.schedule.RunRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * When and how the steps of an open plan ran, as reports want it: each step of the last run, and of a sub-graph's plan, and of those
 * inside, the sum over the runs of it in one run of the model. Not thread-safe.
 */
final class StepTimes {
    private final EnginePlan plan;
    private final StepKernels kernels;
    private final RunRecord record;
    private final BodyTimes asBody;
    private final KernelTimes kernelTimes = new KernelTimes();

    /** @param record filled by every run */
    StepTimes(EnginePlan plan, StepKernels kernels, RunRecord record) {
        this.plan = plan;
        this.kernels = kernels;
        this.record = record;
        this.asBody = new BodyTimes(plan.steps().size());
    }

    RunRecord record() {
        return record;
    }

    /** Every step of the last run, which began at that time. */
    List<BranchRun> branchRuns(long start) {
        List<BranchRun> branches = new ArrayList<>(plan.steps().size());
        for (int index = 0; index < plan.steps().size(); index++) {
            PlanStep step = plan.steps().get(index);
            Fallback fallback = kernels.fallback(index);
            Placement actual = fallback == Fallback.NONE ? step.placement() : Placement.CPU;
            branches.add(new BranchRun(index, record.startNanos(index) - start, record.latencyNanos(index), actual, fallback,
                    step.arenaBytes() + kernels.grownBytes(index), record.coRunning(index)));
        }
        return branches;
    }

    /** When the steps of the last run were in their kernels. */
    KernelTimes kernelTimes() {
        noteKernelTimes(kernelTimes);
        return kernelTimes;
    }

    /** The same into an object of the caller's. */
    void noteKernelTimes(KernelTimes times) {
        times.reset(kernels.size());
        for (int step = 0; step < kernels.size(); step++) {
            StepKernel kernel = kernels.get(step);
            times.set(step, kernel.kernelStartNanos(), kernel.kernelEndNanos(), kernel.pauseNanos());
        }
    }

    /** The last run was one of the sub-graph that the plan is of. */
    void ranAsBody() {
        asBody.add(record);
    }

    /** Forgets what it and all inside took as sub-graphs. */
    void forget() {
        asBody.reset();
        forgetInside();
    }

    void forgetInside() {
        for (int step = 0; step < kernels.size(); step++) {
            if (kernels.get(step) instanceof BodyRunner bodies) {
                bodies.forgetTimes();
            }
        }
    }

    /** What it and all inside took as sub-graphs since. */
    void report(List<BodyBranchRun> into) {
        asBody.report(into);
        reportInside(into);
    }

    void reportInside(List<BodyBranchRun> into) {
        for (int step = 0; step < kernels.size(); step++) {
            if (kernels.get(step) instanceof BodyRunner bodies) {
                bodies.reportTimes(into);
            }
        }
    }
}
