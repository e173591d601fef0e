package io.parallaxfleet.schedule;

import java.util.List;

/**
 * One piece of work of a run.
 *
 * @param predecessors tasks that must have ended, ascending
 * @param layer dependency level; only the layer barrier looks at it
 * @param resource what it occupies
 * @param bytes M_i: memory it needs while it runs
 * @param work how long it takes beside the others of its run, in any unit they share: MACs, or measured time
 */
public record Task(List<Integer> predecessors, int layer, Resource resource, long bytes, long work) {
    public Task {
        predecessors = List.copyOf(predecessors);
        if (bytes < 0) {
            throw new IllegalArgumentException("a task needs " + bytes + " bytes; that cannot be negative");
        }
        if (work < 0) {
            throw new IllegalArgumentException("a task is " + work + " of work; that cannot be negative");
        }
    }

    /** What a task occupies while it runs. */
    public enum Resource {
        /** One CPU thread; runs beside others. */
        ONE_CORE,
        /** Every CPU thread the engine has; no other CPU task runs beside it. */
        ALL_CORES,
        /** The accelerator; CPU tasks run beside it, other accelerator tasks do not. */
        ACCELERATOR
    }
}
