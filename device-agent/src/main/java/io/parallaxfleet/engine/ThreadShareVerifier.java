package io.parallaxfleet.engine;

import java.util.List;

/**
 * Proves from a plan alone what {@link StepPlanner} promises of threads: steps that run side by side hold no more than the plan has
 * and have threads of their own, and no other division would make the longest of them shorter. Returns quietly or throws
 * {@link IllegalStateException} that names the layer. For tests and debug runs.
 *
 * <p>That no division is better is shown without dividing: to be done sooner than the longest, every step needs at least so many
 * threads, and together these are more than there are.
 */
public final class ThreadShareVerifier {
    /** What a step of {@code macs} takes on so many threads, in any unit; falls with every thread. */
    @FunctionalInterface
    public interface StepTime {
        double on(int threads, long macs);
    }

    private ThreadShareVerifier() {}

    /** @throws IllegalStateException when a step or a layer breaks a rule */
    public static void verify(EnginePlan plan, StepTime time) {
        for (PlanStep step : plan.steps()) {
            require(step.threads() >= 1 && step.firstThread() >= 0 && step.firstThread() + step.threads() <= plan.threads(),
                    step.name() + " has threads " + step.firstThread() + " to " + (step.firstThread() + step.threads() - 1) + " of "
                            + plan.threads());
        }
        plan.sideBySide().forEach((layer, steps) -> verify(layer, steps, plan.threads(), time));
    }

    private static void verify(int layer, List<PlanStep> steps, int threads, StepTime time) {
        if (steps.size() > threads) {
            require(steps.stream().allMatch(step -> step.threads() == 1), "layer " + layer + " has more branches than threads, and one of several");
            return;
        }
        boolean[] taken = new boolean[threads];
        for (PlanStep step : steps) {
            for (int thread = step.firstThread(); thread < step.firstThread() + step.threads(); thread++) {
                require(!taken[thread], "layer " + layer + " gives thread " + thread + " twice");
                taken[thread] = true;
            }
        }
        double longest = steps.stream().mapToDouble(step -> time.on(step.threads(), step.macs())).max().orElseThrow();
        require(neededToEndBefore(longest, steps, threads, time) > threads,
                "the threads of layer " + layer + " could be divided so that its longest branch takes less than " + longest);
    }

    private static int neededToEndBefore(
            double longest, List<PlanStep> steps, int threads, StepTime time) {
        int needed = 0;
        for (PlanStep step : steps) {
            int count = 1;
            while (count <= threads && time.on(count, step.macs()) >= longest) {
                count++;
            }
            needed += count;
        }
        return needed;
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalStateException(rule);
        }
    }
}
