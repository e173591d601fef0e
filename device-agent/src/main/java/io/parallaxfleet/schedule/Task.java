package io.parallaxfleet.schedule;

import java.util.List;
import java.util.OptionalInt;

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
    public sealed interface Resource {
        /** The accelerator; CPU tasks run beside it, other accelerator tasks do not. */
        Resource ACCELERATOR = new Accelerator();

        /** So many CPU threads, whichever are free. */
        static Resource threads(int count) {
            return new Threads(count, OptionalInt.empty());
        }

        /**
         * CPU threads. Tasks that run at once never hold more than the run has; a task of more than that takes all of them.
         *
         * @param count at least one
         * @param first lowest of the {@link ThreadPlacing places} that it needs, where its pool is bound to their cores; empty: any
         */
        record Threads(int count, OptionalInt first) implements Resource {
            public Threads {
                if (count < 1 || first.isPresent() && first.getAsInt() < 0) {
                    throw new IllegalArgumentException("a task cannot take " + count + " threads from place " + first + " on");
                }
            }
        }

        /** See {@link #ACCELERATOR}. */
        record Accelerator() implements Resource {}
    }
}
