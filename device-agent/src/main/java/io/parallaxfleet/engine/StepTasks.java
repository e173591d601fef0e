package io.parallaxfleet.engine;

import io.parallaxfleet.schedule.Task;
import io.parallaxfleet.schedule.TaskGraph;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * A plan's steps as the executor schedules them. What a step needs beyond its planned arena, for tensors that only the run sizes,
 * is learnt: the budget of later runs counts the most that it ever was. Not thread-safe.
 */
final class StepTasks {
    private final List<PlanStep> steps;
    private final boolean bound;
    private final long[] mostGrownBytes;
    private TaskGraph graph;

    /** @param bound whether the pool of a step is bound to the cores of its threads, so that the step needs just these */
    StepTasks(List<PlanStep> steps, boolean bound) {
        this.steps = steps;
        this.bound = bound;
        this.mostGrownBytes = new long[steps.size()];
        this.graph = tasks();
    }

    TaskGraph graph() {
        return graph;
    }

    /**
     * @param growing steps that may have grown
     * @param grownBytes what the run-sized tensors of each of them took in a run that has ended
     */
    void learn(int[] growing, IntToLongFunction grownBytes) {
        boolean grown = false;
        for (int step : growing) {
            long bytes = grownBytes.applyAsLong(step);
            if (bytes > mostGrownBytes[step]) {
                mostGrownBytes[step] = bytes;
                grown = true;
            }
        }
        if (grown) {
            graph = tasks();
        }
    }

    private TaskGraph tasks() {
        return new TaskGraph(IntStream.range(0, steps.size()).mapToObj(this::task).toList());
    }

    private Task task(int index) {
        PlanStep step = steps.get(index);
        Task.Resource resource = step.placement() == Placement.ACCELERATOR ? Task.Resource.ACCELERATOR : threads(step);
        return new Task(step.predecessors(), step.layer(), resource, step.arenaBytes() + mostGrownBytes[index], step.macs());
    }

    private Task.Resource threads(PlanStep step) {
        // A step of one thread has no pool: its caller goes to whichever core is free.
        return bound && step.threads() > 1
                ? new Task.Resource.Threads(step.threads(), OptionalInt.of(step.firstThread()))
                : Task.Resource.threads(step.threads());
    }
}
